package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"0", "-0.00", "12.5", "1e2", "1250e-2", "92233720368547758.07", "1e99", ".5", "5.", "+1", "1/2", "0x1p4", "1_0", ""} {
		f.Add("CNY", s)
		f.Add("JPY", s)
	}
	f.Add(strings.Repeat("no currency", 50), ".001")
	f.Fuzz(func(t *testing.T, currency, text string) {
		c := Currency(currency)
		m, err := c.Amount(text)
		if err != nil {
			if m != 0 || len(err.Error()) > 500 {
				t.Fatalf("%d with an error of %d bytes", m, len(err.Error()))
			}
			return
		}
		// Exact arithmetic agrees.
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is not a number, but was read as %d", text, m)
		}
		minor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Decimals())), nil)
		if exact.Mul(exact, new(big.Rat).SetInt(minor)).Cmp(new(big.Rat).SetInt64(int64(m))) != 0 {
			t.Fatalf("%q of %s is %s minor units, not %d", text, c, exact, m)
		}
		if again, err := c.Amount(c.Format(m)); err != nil || again != m {
			t.Fatalf("%s is read as %d, %v", c.Format(m), again, err)
		}
	})
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(viewed))
	f.Add([]byte(numbered(1)))
	f.Add([]byte(strings.Replace(viewed, "e1", "e\xff", 1)))
	f.Add([]byte(strings.Replace(viewed, "2026-11-11T00:00:00", "1970-01-01T07:59:59.9999999", 1)))
	f.Add([]byte(`{"specversion":"1.0","ID":"\ud800","source":" ","type":"x","data":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEvent(b)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		checked := e
		if err := checked.check(); err != nil || !reflect.DeepEqual(checked, e) {
			t.Fatalf("checked again: %+v, %v", checked, err)
		}
		if back := FromMicros(Micros(e.Time)); !back.Equal(e.Time) {
			t.Fatalf("time %v is stored as %v", e.Time, back)
		}
		if len(e.Data) > 0 && !json.Valid(e.Data) {
			t.Fatalf("data %q", e.Data)
		}
	})
}

func wantInvalid(t *testing.T, err error) {
	t.Helper()
	if _, ok := err.(*Invalid); !ok {
		t.Fatalf("%T: %v", err, err)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte(`[]`))
	f.Add([]byte(`null`))
	f.Add([]byte(`[` + viewed + `, 5, null, [], ` + numbered(2) + `]`))
	f.Add([]byte(viewed))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeBatch(b)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		var raw []json.RawMessage
		if err := json.Unmarshal(b, &raw); err != nil || len(raw) != len(got) {
			t.Fatalf("%d events of %d elements, %v", len(got), len(raw), err)
		}
		for i, d := range got {
			checkDecoded(t, i, d, raw[i])
		}
	})
}

// checkDecoded wants d to be what DecodeEvent makes of one.
func checkDecoded(t *testing.T, i int, d Decoded, one []byte) {
	t.Helper()
	e, err := DecodeEvent(one)
	if d.Index != i || !reflect.DeepEqual(d.Event, e) || !reflect.DeepEqual(d.Err, err) {
		t.Fatalf("%+v of %q, want %+v %v", d, one, e, err)
	}
}

func FuzzDecodeNDJSON(f *testing.F) {
	f.Add([]byte(viewed + "\n" + numbered(2)))
	f.Add([]byte("\r\n" + viewed + "\r\n\r\n" + numbered(2) + "\r\n"))
	f.Add([]byte("oops\n" + numbered(1) + numbered(2) + "\n{}\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeNDJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range bytes.Lines(b) {
			if len(line) > maxLineBytes {
				wantInvalid(t, got[n].Err)
				n++
			} else if line = bytes.TrimSpace(line); len(line) > 0 {
				checkDecoded(t, n, got[n], line)
				n++
			}
		}
		if n != len(got) {
			t.Fatalf("%d events of %d lines", len(got), n)
		}
	})
}

// What parses can be routed, its records are read as they were written, and
// they parse again to what the event said.
func FuzzParse(f *testing.F) {
	types := declaredTypes(f)
	for _, c := range readings() {
		for _, typ := range c.types {
			f.Add(string(typ), []byte(c.data))
		}
	}
	for _, typ := range types {
		f.Add(string(typ), []byte(`{"user_id":"u1","USER_ID":"u2","order_id":"o1","total":1,"Total":2,"currency":"CNY","products":[{"sku":"a","quantity":1,"price":1},{"product_id":"b","quantity":2,"price":0}],"x":"\\u0000"}`))
		f.Add(string(typ), []byte(`{"order_id":"o1","products":null,"productſ":[{"sku":"a","quantity":1,"price":1},{"sku":"a","quantity":1,"price":1}]}`))
	}
	f.Fuzz(func(t *testing.T, typ string, data []byte) {
		e := event(Type(typ), string(data))
		fact, err := Parse(e, "CNY")
		if err != nil {
			invalid, ok := err.(*Invalid)
			if !ok || !strings.HasPrefix(invalid.Field, "data") || len(invalid.Problem) > 500 {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		records, err := Route(e, fact)
		var tooLarge *Invalid
		if errors.As(err, &tooLarge) && strings.HasPrefix(tooLarge.Problem, "is too large") {
			return // every product's record repeats what is not of the products
		}
		if err != nil {
			t.Fatalf("parsed but not routed: %v", err)
		}
		if len(records) == 0 {
			t.Fatal("no record")
		}
		for i := range records {
			checkRouted(t, &records[i], fact)
		}
	})
}

// checkRouted wants the record to say of its key what the whole fact says.
func checkRouted(t *testing.T, r *Record, whole Fact) {
	t.Helper()
	back, err := DecodeRecord(r.Encode(nil))
	if err != nil || !reflect.DeepEqual(back, *r) && len(r.Data) > 0 {
		t.Fatalf("%+v is read as %+v, %v", *r, back, err)
	}
	fact, err := back.Fact("CNY")
	if err != nil {
		t.Fatalf("the record does not parse: %v\n%s", err, r.Data)
	}
	want := whole
	if order, ok := whole.Data.(*Order); ok && r.Kind == ForSKU {
		narrow := *order
		narrow.Lines = order.Lines[r.Index : r.Index+1]
		if len(order.Lines) > 1 {
			narrow.Total = narrow.Lines[0].Amount()
		}
		if r.Key != string(narrow.Lines[0].SKU) {
			t.Fatalf("key %q of line %+v", r.Key, narrow.Lines[0])
		}
		want.Data = &narrow
	}
	if !reflect.DeepEqual(fact, want) {
		t.Fatalf("the record says %+v, the event %+v", fact.Data, want.Data)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, c := range readings() {
		for _, r := range route(f, event(c.types[0], c.data)) {
			f.Add(r.Encode(nil))
		}
	}
	f.Add([]byte{recordVersion, 0xff, 0x80, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeRecord(b)
		if err != nil {
			return
		}
		again, err := DecodeRecord(r.Encode(nil))
		if err != nil || !reflect.DeepEqual(r, again) || r.RecordID() != again.RecordID() {
			t.Fatalf("%+v became %+v, %v", r, again, err)
		}
		if p := r.Part(); p < 0 || p >= Parts {
			t.Fatalf("part %d", p)
		}
		_, _ = r.Fact("CNY") // whatever the data is, it must not panic
	})
}
