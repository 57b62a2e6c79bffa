package tower_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/peakday/peakday/recommend/tower"
)

// A shop where whoever looks at a phone then wants a case, and whoever looks at
// a pan wants a lid.
func ExampleTrain() {
	words := &tower.Vocabulary{}
	kitchen, phones := words.Number("category", "kitchen"), words.Number("category", "phones")
	corpus := &tower.Corpus{
		Items:      [][]int32{{phones}, {phones}, {kitchen}, {kitchen}}, // phone, case, pan, lid
		Vocabulary: words,
	}
	for range 100 {
		corpus.Visitors = append(corpus.Visitors,
			tower.Visitor{Steps: []tower.Step{{Item: 0}, {Item: 1}}},
			tower.Visitor{Steps: []tower.Step{{Item: 2}, {Item: 3}}})
	}
	model, err := tower.Train(context.Background(), corpus, tower.Training{Seed: 1, Dims: 8})
	if err != nil {
		panic(err)
	}
	user, err := model.UserVector(&tower.Visitor{Steps: []tower.Step{{Item: 2}}}, 0)
	if err != nil {
		panic(err)
	}
	names := []string{"phone", "case", "pan", "lid"}
	best, top := "", float32(-2)
	for i, name := range names {
		score := float32(0)
		for d, x := range model.Vector(i) {
			score += x * user[d]
		}
		if score > top {
			best, top = name, score
		}
	}
	fmt.Println("after a pan:", best)
	// Output: after a pan: lid
}

// A model goes through any io.Writer, and is checked when it comes back.
func ExampleModel_Encode() {
	corpus := &tower.Corpus{Items: make([][]int32, 3), Visitors: []tower.Visitor{{Steps: []tower.Step{{Item: 0}, {Item: 2}}}}}
	model, err := tower.Train(context.Background(), corpus, tower.Training{Dims: 4})
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	if err := model.Encode(&file); err != nil {
		panic(err)
	}
	whole := file.Bytes()
	back, err := tower.Decode(bytes.NewReader(whole))
	fmt.Println(back.Items(), "items,", back.Dims(), "dimensions,", err)
	_, err = tower.Decode(bytes.NewReader(whole[:100]))
	fmt.Println(err)
	// Output:
	// 3 items, 4 dimensions, <nil>
	// read towers: the file is cut short, or too long: not a whole model of two towers
}
