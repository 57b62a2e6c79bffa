package ann

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Options of a new index. Zero fields take the defaults.
type Options struct {
	// Dimension of the vectors, 1 to 1024. It has no default.
	Dimension int
	// Links is how many neighbours a vector of the graph has at most, 4 to 64;
	// default 32 (HNSW's M is half of it). Memory: 4 bytes a link.
	Links int
	// BuildBreadth is how many vectors the search for neighbours keeps (HNSW's
	// efConstruction); default 100. More takes longer and finds better ones.
	BuildBreadth int
	// Breadth is how many vectors a search keeps (HNSW's efSearch), at least k;
	// default 64. More finds more of the true nearest and takes longer in
	// proportion.
	Breadth int
	// Seed of the order in which vectors that come together enter the graph.
	Seed uint64
	// Workers is how many goroutines build; default GOMAXPROCS. It does not
	// change the result.
	Workers int
}

const (
	maxDimension = 1024
	maxLinks     = 64
)

func (o Options) withDefaults() (Options, error) {
	set := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	set(&o.Links, 32)
	set(&o.BuildBreadth, 100)
	set(&o.Breadth, 64)
	set(&o.Workers, runtime.GOMAXPROCS(0))
	for _, f := range []struct {
		name           string
		v, least, most int
	}{
		{"Dimension", o.Dimension, 1, maxDimension},
		{"Links", o.Links, 4, maxLinks},
		{"BuildBreadth", o.BuildBreadth, 1, 1 << 16},
		{"Breadth", o.Breadth, 1, 1 << 16},
		{"Workers", o.Workers, 1, 1 << 10},
	} {
		if f.v < f.least || f.v > f.most {
			return o, fmt.Errorf("%s is %d: expected %d to %d", f.name, f.v, f.least, f.most)
		}
	}
	return o, nil
}

// Index holds vectors by id and finds those with the largest inner products
// with a query. All methods may be called at the same time.
type Index struct {
	options     Options
	kernel      kernel
	codeStride  int // bytes of a row of codes
	floatStride int // float32 of a row

	// writer is held by the one goroutine that changes the index. It reads
	// without mu what only it changes.
	writer sync.Mutex
	batch  batch // the writer's

	// mu guards all below: a change prepares itself under writer alone and holds
	// mu only to copy its outcome in.
	mu sync.RWMutex
	rows
	graph

	scratch sync.Pool // *scratch
}

// rows are the vectors by slot. A slot keeps its vector until it is reused.
type rows struct {
	used      int // slots below it hold a vector, living or dead
	living    int
	ids       []uint32
	alive     Bitmap
	slots     slotTable // by id
	codes     []uint8
	floats    []float32
	scale     float32 // of the codes; 0 without vectors
	codeError float64 // the length of the longest difference between a vector and its code
	maxNorm   float64 // the length of the longest vector
}

// New makes an empty index.
func New(o Options) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("options of a vector index: %w", err)
	}
	return newIndex(o, fastest()), nil
}

func newIndex(o Options, k kernel) *Index {
	x := &Index{
		options: o, kernel: k,
		codeStride: blocks(o.Dimension, codeBlock), floatStride: blocks(o.Dimension, floatBlock),
	}
	x.scratch.New = func() any { return x.newScratch() }
	return x
}

// Dimension of the vectors.
func (x *Index) Dimension() int { return x.options.Dimension }

// Len is how many vectors can be found.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.living
}

// Contains reports whether a vector has the id.
func (x *Index) Contains(id uint32) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	_, ok := x.slots.get(id)
	return ok
}

// Bytes is the memory that the index holds, unused room for growth included.
func (x *Index) Bytes() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return 4*cap(x.ids) + 8*cap(x.alive) + x.slots.bytes() + cap(x.codes) + 4*cap(x.floats) +
		4*cap(x.links) + 4*cap(x.free) + 4*cap(x.entries) + cap(x.entryCodes) + 8*cap(x.linked)
}

func (x *Index) code(slot int32) []uint8 {
	return x.codes[int(slot)*x.codeStride:][:x.codeStride:x.codeStride]
}

func (x *Index) float(slot int32) []float32 {
	return x.floats[int(slot)*x.floatStride:][:x.floatStride:x.floatStride]
}

// check says what is wrong with a vector.
func (x *Index) check(vector []float32) error {
	if len(vector) != x.options.Dimension {
		return fmt.Errorf("the vector has %d numbers: expected %d", len(vector), x.options.Dimension)
	}
	if !finite(vector) || norm(vector) > math.MaxFloat32/4 {
		return fmt.Errorf("the vector is infinite or not a number")
	}
	return nil
}
