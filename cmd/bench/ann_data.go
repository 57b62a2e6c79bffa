package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// annSet is one set of vectors.
type annSet struct {
	name                   string
	itemsFile, queriesFile string
	items, queries         []float32
	dimension              int
}

func (s *annSet) count() int { return len(s.items) / s.dimension }

func (s *annSet) item(i int) []float32  { return s.items[i*s.dimension:][:s.dimension] }
func (s *annSet) query(i int) []float32 { return s.queries[i*s.dimension:][:s.dimension] }

func readAnnSet(items, queries string, dimension int) (s *annSet, err error) {
	s = &annSet{name: filepath.Base(items), itemsFile: items, queriesFile: queries, dimension: dimension}
	if dimension < 1 {
		return nil, fmt.Errorf("%w: --dim is %d: expected the vectors' dimension", errUsage, dimension)
	}
	if s.items, err = readFloats(items, dimension); err != nil {
		return nil, err
	}
	s.queries, err = readFloats(queries, dimension)
	return s, err
}

func readFloats(path string, dimension int) ([]float32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 || len(b)%(4*dimension) != 0 {
		return nil, fmt.Errorf("%s: %d bytes: expected float32 vectors of %d numbers", path, len(b), dimension)
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, nil
}

// synthesize makes items in clusters with lengths that differ, and queries that
// mix clusters as a shop's visitors do: 1000 clusters in half the dimensions,
// turned into all of them, with noise.
func synthesize(n, dimension int, dir string) (*annSet, error) {
	const clusters, queries = 1000, 2000
	r := rand.New(rand.NewPCG(42, uint64(n)))
	latent := dimension / 2
	turn := normals(r, latent*dimension, 1/math.Sqrt(float64(latent)))
	centres := normals(r, clusters*latent, 1)
	pick := zipf(r, clusters, 0.7)
	s := &annSet{name: fmt.Sprintf("%d synthetic vectors", n), dimension: dimension,
		items: make([]float32, n*dimension), queries: make([]float32, queries*dimension)}
	at := make([]float64, latent)
	for i := range n {
		c := pick()
		for j := range at {
			at[j] = centres[c*latent+j] + 0.7*r.NormFloat64()
		}
		turned(r, at, turn, 0.15, math.Exp(0.2*r.NormFloat64()), s.item(i))
	}
	for i := range queries {
		clear(at)
		total, mixed := 0.0, 1+r.IntN(3)
		for range mixed {
			c, weight := pick(), r.ExpFloat64()
			total += weight
			for j := range at {
				at[j] += weight * centres[c*latent+j]
			}
		}
		for j := range at {
			at[j] = at[j]/total + 0.5*r.NormFloat64()
		}
		turned(r, at, turn, 0.1, 1, s.query(i))
	}
	s.itemsFile, s.queriesFile = filepath.Join(dir, fmt.Sprintf("%d.items.f32", n)), filepath.Join(dir, fmt.Sprintf("%d.queries.f32", n))
	return s, errors.Join(writeFloats(s.itemsFile, s.items), writeFloats(s.queriesFile, s.queries))
}

func normals(r *rand.Rand, n int, scale float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = scale * r.NormFloat64()
	}
	return out
}

// zipf picks number i with a probability in proportion to (i+1)^-power.
func zipf(r *rand.Rand, n int, power float64) func() int {
	var table []int
	for i := range n {
		for range int(math.Ceil(1000 * math.Pow(float64(i+1), -power))) {
			table = append(table, i)
		}
	}
	return func() int { return table[r.IntN(len(table))] }
}

// turned writes at, turned and with noise, as a vector of the given length.
func turned(r *rand.Rand, at, turn []float64, noise, length float64, out []float32) {
	size, row := 0.0, make([]float64, len(out))
	for d := range row {
		row[d] = noise * r.NormFloat64()
	}
	for j, a := range at {
		for d := range row {
			row[d] += a * turn[j*len(out)+d]
		}
	}
	for _, v := range row {
		size += v * v
	}
	for d, v := range row {
		out[d] = float32(v * length / math.Sqrt(size))
	}
}

func writeFloats(path string, values []float32) error {
	b := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return os.WriteFile(path, b, 0o600)
}
