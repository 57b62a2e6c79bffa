package recommend

import (
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/peakday/peakday/recommend/tower"
)

// The fields of what the towers read beside items and steps.
const (
	fieldCategory = "category"
	fieldBrand    = "brand"
	fieldPrice    = "price"
	fieldAge      = "age"
	fieldOther    = "attribute " // and the attribute's name
	fieldTier     = "tier"
	fieldRegion   = "region"
)

// The bounds of a shop's own attributes: longer texts are descriptions, and what
// no other item has tells of nothing but the item itself.
const (
	maxAttributeBytes    = 64
	maxAttributeFeatures = 16
	minItemsOfAttribute  = 2
)

// itemFeatures numbers what the catalogue says of the corpus' items.
func (c *corpus) itemFeatures(catalog *Catalog, v *tower.Vocabulary) [][]int32 {
	out := make([][]int32, len(c.items))
	if catalog == nil {
		return out
	}
	type value struct{ field, text string }
	items := map[value]int{}
	for _, item := range c.items {
		if it, ok := catalog.Item(item); ok {
			eachAttribute(it, func(field, text string) { items[value{field, text}]++ })
		}
	}
	number := func(field, text string) (int32, bool) {
		if n, counted := items[value{field, text}]; counted && n < minItemsOfAttribute {
			return 0, false
		}
		return v.Number(field, text), true
	}
	for i, item := range c.items {
		if it, ok := catalog.Item(item); ok {
			out[i] = featuresOf(it, c.asOf, number)
		}
	}
	return out
}

// featuresOf gives the numbers of what is known of an item: its category and
// brand, its price and age to a power of 2, and its attributes. number gives a
// feature's number, if it has one. An age alone describes no item.
func featuresOf(it *Item, asOf time.Time, number func(field, text string) (int32, bool)) []int32 {
	var out []int32
	add := func(field, text string) {
		if n, ok := number(field, text); ok {
			out = append(out, n)
		}
	}
	if it.Category != "" {
		add(fieldCategory, it.Category)
	}
	if it.Brand != "" {
		add(fieldBrand, it.Brand)
	}
	if it.Priced && it.Price > 0 {
		add(fieldPrice, strconv.Itoa(bits.Len64(uint64(it.Price))))
	}
	eachAttribute(it, add)
	if len(out) > 0 {
		days := max(0, asOf.Sub(it.Launched)) / (24 * time.Hour)
		add(fieldAge, strconv.Itoa(bits.Len64(uint64(days))))
	}
	return out
}

// eachAttribute calls do with the item's own attributes, by name; a list has
// several of one name.
func eachAttribute(it *Item, do func(field, text string)) {
	left := maxAttributeFeatures
	for _, name := range slices.Sorted(maps.Keys(it.Attributes)) {
		values, isList := it.Attributes[name].([]any)
		if !isList {
			values = []any{it.Attributes[name]}
		}
		for _, v := range values {
			text := attributeText(v)
			if left == 0 || text == "" || len(text) > maxAttributeBytes {
				continue
			}
			left--
			do(fieldOther+name, text)
		}
	}
}

// attributeText is a plain value as text; empty for any other.
func attributeText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}

// visitorFeatures numbers the tier and the region of a visitor, as far as they
// are known.
func visitorFeatures(tier Tier, region string, number func(field, text string) (int32, bool)) []int32 {
	var out []int32
	for _, f := range []struct{ field, text string }{{fieldTier, string(tier)}, {fieldRegion, region}} {
		if f.text == "" {
			continue
		}
		if n, ok := number(f.field, f.text); ok {
			out = append(out, n)
		}
	}
	return out
}

// tierBefore is the tier of a visitor before the moment of steps[end], or after
// all steps if that is the end of them; Unix second at is the time of asking.
func tierBefore(steps []step, end int, at int64) Tier {
	var r RFM
	last := -1
	for i := end - 1; i >= 0 && steps[i].second > at-int64(rfmYear/time.Second); i-- {
		if steps[i].action != Buy || end < len(steps) && steps[i].group == steps[end].group || last >= 0 && steps[i].group == steps[last].group {
			continue
		}
		if r.Orders++; last < 0 {
			r.Since = time.Duration(at-steps[i].second) * time.Second
		}
		last = i
	}
	return r.Tier()
}
