package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxSplit bounds the bytes that the SKUs' records of one order may take: each
// of them repeats all of the order but its products.
const maxSplit = 64 << 20

// splitLines makes one copy of an order's data for each of its products, with
// only that product in it; unknown fields are kept.
func splitLines(data []byte, n int) ([][]byte, error) {
	if n <= 1 {
		return [][]byte{data}, nil
	}
	data = bytes.TrimSpace(data)
	if !json.Valid(data) || data[0] != '{' {
		return nil, &Invalid{Field: "data", Problem: "must be a JSON object"}
	}
	head, products, tail := cutProducts(data)
	if len(products) != n {
		return nil, fmt.Errorf("the data has %d products, the fact %d", len(products), n)
	}
	if n*(len(head)+len(tail)) > maxSplit {
		return nil, &Invalid{Field: "data", Problem: fmt.Sprintf("is too large beside its %d products", n)}
	}
	out := make([][]byte, n)
	for i, p := range products {
		out[i] = slices.Concat(head, p, tail)
	}
	return out, nil
}

// cutProducts takes an order's data, a valid object, apart into what comes
// before the list's first product, the products, and what comes behind the
// last. The order of its fields stays: if one stands there twice, the later one
// counts. The total is left out, since the whole order's says nothing about one
// line.
func cutProducts(data []byte) (head []byte, products [][]byte, tail []byte) {
	fields := elements(data)
	part := make([]byte, 0, len(data))
	part = append(part, '{')
	for i := 0; i+1 < len(fields); i += 2 {
		quoted, value := fields[i], fields[i+1]
		switch name := unquote(quoted); {
		case strings.EqualFold(name, "total"):
		case strings.EqualFold(name, "products") && value[0] != '[': // null
		case strings.EqualFold(name, "products"):
			part = append(append(part, quoted...), ":["...)
			head, products, part = part, elements(value), []byte("],")
		default:
			part = append(append(append(append(part, quoted...), ':'), value...), ',')
		}
	}
	return head, products, append(bytes.TrimSuffix(part, []byte{','}), '}')
}

// elements gives the values of a valid JSON list, or the names and values of a
// valid object, as they stand there.
func elements(list []byte) (out [][]byte) {
	depth, begin := 0, 1
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '"':
			for i++; list[i] != '"'; i++ {
				if list[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 || depth == 1 && (list[i] == ',' || list[i] == ':') {
			if e := bytes.TrimSpace(list[begin:i]); len(e) > 0 {
				out = append(out, e)
			}
			begin = i + 1
		}
	}
	return out
}

// unquote reads a JSON string. Go's decoder takes the names of fields in any
// case and with escapes; so must we.
func unquote(s []byte) (out string) {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s[1 : len(s)-1])
	}
	_ = json.Unmarshal(s, &out) // it is valid
	return out
}
