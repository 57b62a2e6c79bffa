package tower

import (
	"errors"
	"fmt"
	"math"
)

// Corpus is what a model learns from. Training only reads it.
type Corpus struct {
	// Items holds, by item, the numbers of its features in Vocabulary: category,
	// brand, price bucket, whatever is known. The item's index is its number
	// everywhere else. An item without features is learned by its id alone.
	Items [][]int32

	// Vocabulary names the features of items and visitors; nil if there are none.
	Vocabulary *Vocabulary

	// Visitors are the people (or sessions) and what they did.
	Visitors []Visitor
}

// Visitor is one person or session: what the user tower reads.
type Visitor struct {
	Steps    []Step  // oldest first
	Features []int32 // numbers in the vocabulary, such as tier and region

	// Unknown holds the features of items that the model does not know: a step
	// whose Item is -1-k is about the item described by Unknown[k].
	Unknown [][]int32
}

// Step is one thing that a visitor did.
type Step struct {
	Item  int32 // index of the item, or -1-k for Visitor.Unknown[k]
	Event uint8 // what was done, 0 to MaxEvents-1, as the caller numbers it: view, cart, buy
	Time  int64 // seconds since 1970 on the shop's own clock; 0 if not known
}

// The bounds of what can be learned from.
const (
	MaxDims   = 256
	MaxEvents = 8
	MaxItems  = 1 << 28
)

// ErrCorpus says that a corpus or a visitor contradicts itself: an item or a
// feature that does not exist, an event out of range.
var ErrCorpus = errors.New("not a corpus to learn from")

func (c *Corpus) check() error {
	if len(c.Items) > MaxItems {
		return fmt.Errorf("%d items, more than %d: %w", len(c.Items), MaxItems, ErrCorpus)
	}
	features := c.Vocabulary.Len()
	for i, bag := range c.Items {
		if f, ok := outOfRange(bag, features); ok {
			return fmt.Errorf("item %d has feature %d, the vocabulary has %d: %w", i, f, features, ErrCorpus)
		}
	}
	if len(c.Visitors) > math.MaxInt32 {
		return fmt.Errorf("%d visitors, more than %d: %w", len(c.Visitors), math.MaxInt32, ErrCorpus)
	}
	for i := range c.Visitors {
		if err := c.Visitors[i].check(len(c.Items), features); err != nil {
			return fmt.Errorf("visitor %d: %w", i, err)
		}
	}
	return nil
}

func (v *Visitor) check(items, features int) error {
	if f, ok := outOfRange(v.Features, features); ok {
		return fmt.Errorf("feature %d, the vocabulary has %d: %w", f, features, ErrCorpus)
	}
	for _, bag := range v.Unknown {
		if f, ok := outOfRange(bag, features); ok {
			return fmt.Errorf("an unknown item has feature %d, the vocabulary has %d: %w", f, features, ErrCorpus)
		}
	}
	for i, s := range v.Steps {
		if int(s.Item) >= items || int(s.Item) < -len(v.Unknown) {
			return fmt.Errorf("step %d is about item %d of %d: %w", i, s.Item, items, ErrCorpus)
		}
		if s.Event >= MaxEvents {
			return fmt.Errorf("step %d has event %d, it must be below %d: %w", i, s.Event, MaxEvents, ErrCorpus)
		}
	}
	return nil
}

// outOfRange finds a feature outside 0 … features-1.
func outOfRange(bag []int32, features int) (int32, bool) {
	for _, f := range bag {
		if f < 0 || int(f) >= features {
			return f, true
		}
	}
	return 0, false
}
