package tower

// Vocabulary gives features numbers: a feature is a value of a field, such as
// category "shoes", brand "Ada", price "3" (a bucket) or tier "gold". The
// numbers are 0, 1, 2, … as they come. Items and visitors share a vocabulary.
//
// The zero Vocabulary is empty and ready. It is not safe for concurrent
// writing.
type Vocabulary struct {
	fields   []string         // by number of the field
	numbers  map[string]int32 // of fields
	features []feature        // by number of the feature
	known    map[feature]int32
}

type feature struct {
	field int32
	value string
}

// Number gives the feature's number, a new one if it was not known.
func (v *Vocabulary) Number(field, value string) int32 {
	if v.known == nil {
		v.numbers, v.known = map[string]int32{}, map[feature]int32{}
	}
	f, ok := v.numbers[field]
	if !ok {
		f = int32(len(v.fields))
		v.numbers[field] = f
		v.fields = append(v.fields, field)
	}
	key := feature{f, value}
	n, ok := v.known[key]
	if !ok {
		n = int32(len(v.features))
		v.known[key] = n
		v.features = append(v.features, key)
	}
	return n
}

// Find gives the feature's number if it is known.
func (v *Vocabulary) Find(field, value string) (number int32, ok bool) {
	f, ok := v.numbers[field]
	if !ok {
		return 0, false
	}
	number, ok = v.known[feature{f, value}]
	return number, ok
}

// Len is how many features are known: their numbers are 0 to Len()-1.
func (v *Vocabulary) Len() int {
	if v == nil {
		return 0
	}
	return len(v.features)
}

// clone copies v; of nil it makes an empty one.
func (v *Vocabulary) clone() *Vocabulary {
	c := &Vocabulary{}
	if v != nil {
		for _, f := range v.features {
			c.Number(v.fields[f.field], f.value)
		}
	}
	return c
}
