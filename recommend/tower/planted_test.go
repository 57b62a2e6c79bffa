package tower

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// planted is a shop with a known truth: items belong to kinds, and each
// visitor stays within the kind of the first step with chance 0.9.
func planted(items, kinds, visitors int, seed uint64) *Corpus {
	rng := rand.New(rand.NewPCG(seed, 9))
	c := &Corpus{Vocabulary: &Vocabulary{}}
	for i := range items {
		c.Items = append(c.Items, []int32{
			c.Vocabulary.Number("category", fmt.Sprint(i%kinds)),
			c.Vocabulary.Number("brand", fmt.Sprint(i%7)),
		})
	}
	for range visitors {
		kind := rng.IntN(kinds)
		v := Visitor{Features: []int32{c.Vocabulary.Number("tier", fmt.Sprint(kind%2))}}
		now := int64(1_800_000_000) + rng.Int64N(1e6)
		for range 3 + rng.IntN(6) {
			item := rng.IntN(items)
			if rng.Float64() < 0.9 {
				item = item/kinds*kinds + kind
			}
			if item < items {
				v.Steps = append(v.Steps, Step{int32(item), uint8(rng.IntN(3)), now})
			}
			now += rng.Int64N(4000)
		}
		c.Visitors = append(c.Visitors, v)
	}
	return c
}

func quick(seed uint64) Training {
	options := Training{Seed: seed, Dims: 16, Epochs: 3, Holdout: -1, hyper: defaultHyperparameters()}
	options.hyper.batch, options.hyper.negatives = 64, 64
	return options
}

func train(t testing.TB, c *Corpus, options Training) *Model {
	t.Helper()
	m, err := Train(context.Background(), c, options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
