package ann_test

import (
	"bytes"
	"fmt"

	"github.com/peakday/peakday/recommend/ann"
)

func Example() {
	index, err := ann.New(ann.Options{Dimension: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := index.InsertAll([]uint32{1, 2, 3}, []float32{1, 0, 0, 1, 2, 2}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(index.Search([]float32{1, 0}, 2, nil, nil))

	inStock := ann.NewBitmap(4)
	inStock.Set(1)
	inStock.Set(2)
	fmt.Println(index.Search([]float32{1, 0}, 2, inStock, nil))
	// Output:
	// [{3 2} {1 1}]
	// [{1 1} {2 0}]
}

func ExampleRead() {
	index, _ := ann.New(ann.Options{Dimension: 2})
	_ = index.Insert(7, []float32{3, 4})
	var file bytes.Buffer
	if _, err := index.WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}
	_, err := ann.Read(bytes.NewReader(file.Bytes()), 3)
	fmt.Println(err)
	back, _ := ann.Read(&file, 2)
	fmt.Println(back.Search([]float32{1, 1}, 1, nil, nil))
	// Output:
	// read a snapshot of vectors: its vectors have 2 numbers: expected 3
	// [{7 7}]
}
