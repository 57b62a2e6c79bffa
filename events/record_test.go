package events

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The inbox keeps these ids as long as facts live: they must not change. They
// come from testdata/murmur3.py.
func TestRecordIDIsForEver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		record Record
		want   RecordID
	}{
		{Record{Source: "shop", ID: "e1", Kind: Kind(User), Type: ProductViewed}, RecordID{-553649457925732147, 8849770995949111636}},
		{Record{Source: "shop", ID: "e1", Kind: Kind(User), Type: OrderPlaced}, RecordID{-6329282387547735339, 1786610333549361490}},
		{Record{Source: "shop", ID: "e1", Kind: ForSKU, Type: OrderPlaced}, RecordID{-1086012689810931558, -1513059813733916350}},
		{Record{Source: "shop", ID: "e1", Kind: ForSKU, Index: 300, Type: OrderPaid}, RecordID{863758205427796878, -3582911615257222712}},
		{Record{Source: "import", ID: "用户", Kind: ForNoKey, Type: "shop.opened"}, RecordID{8443648440323495038, 4679687685451469244}},
	} {
		if got := c.record.RecordID(); got != c.want {
			t.Errorf("%+v has id %v, want %v", c.record, got, c.want)
		}
	}
}

// What identifies a record is its source, id, kind and index, each by itself.
func TestRecordIDTellsRecordsApart(t *testing.T) {
	t.Parallel()
	base := Record{Source: "shop", ID: "e1", Kind: ForSKU, Index: 1, Key: "a", Type: OrderPlaced, Data: []byte(`{}`)}
	same := base
	same.Key, same.Data, same.Type, same.Imported, same.Time = "b", nil, OrderPaid, true, time.Unix(1, 0)
	if base.RecordID() != same.RecordID() {
		t.Error("key, data, time or mark of import change the id")
	}
	others := []Record{
		{Source: "shope", ID: "1", Kind: ForSKU, Index: 1, Type: OrderPlaced},
		{Source: "sho", ID: "pe1", Kind: ForSKU, Index: 1, Type: OrderPlaced},
		{Source: "shop", ID: "e", Kind: "1sku", Index: 1, Type: OrderPlaced},
		{Source: "shop", ID: "e1", Kind: ForItem, Index: 1, Type: OrderPlaced},
		{Source: "shop", ID: "e1", Kind: ForSKU, Index: 2, Type: OrderPlaced},
		// A browser that takes a server's source and id gets an id of its own.
		{Source: "shop", ID: "e1", Kind: ForSKU, Index: 1, Type: ProductViewed},
	}
	for _, o := range others {
		if o.RecordID() == base.RecordID() {
			t.Errorf("%+v has the id of %+v", o, base)
		}
	}
}

func anyRecord(t *rapid.T) Record {
	return Record{
		Source: rapid.String().Draw(t, "source"), ID: rapid.String().Draw(t, "id"),
		Kind: Kind(rapid.String().Draw(t, "kind")), Index: rapid.IntRange(0, maxLines).Draw(t, "index"),
		Key: rapid.String().Draw(t, "key"), Type: Type(rapid.String().Draw(t, "type")),
		Time:     FromMicros(rapid.Int64().Draw(t, "time")),
		Imported: rapid.Bool().Draw(t, "imported"),
		Data:     rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "data"),
	}
}

func TestRecordIsReadAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		before := []byte("before")
		encoded := r.Encode(before)
		if !bytes.HasPrefix(encoded, before) {
			t.Fatal("Encode does not append")
		}
		got, err := DecodeRecord(encoded[len(before):])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDecodeRecordRefuses(t *testing.T) {
	t.Parallel()
	r := Record{Source: "shop", ID: "e1", Kind: ForSKU, Key: "a", Type: OrderPlaced, Time: time.Unix(1, 0)}
	good := r.Encode(nil)
	for n := range good {
		if got, err := DecodeRecord(good[:n]); err == nil {
			t.Errorf("the first %d bytes are read as %+v", n, got)
		}
	}
	r.Index = maxLines + 1
	for name, b := range map[string][]byte{
		"another version":        append([]byte{2}, good[1:]...),
		"a length without end":   {1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a length beyond 64 bit": {1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
		"an index beyond lines":  r.Encode(nil),
	} {
		if got, err := DecodeRecord(b); err == nil {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

func TestRecordFact(t *testing.T) {
	t.Parallel()
	r := Record{
		Source: "shop", ID: "e1", Kind: Kind(User), Key: "u1", Type: ProductViewed,
		Time: time.Unix(5, 0).UTC(), Imported: true, Data: []byte(`{"user_id":"u1","product_id":"p1"}`),
	}
	f, err := r.Fact("CNY")
	if err != nil {
		t.Fatal(err)
	}
	want := Fact{Source: "shop", ID: "e1", Type: ProductViewed, Time: r.Time, Imported: true,
		Data: &Behaviour{Who: Who{User: "u1"}, Item: "p1", Quantity: 1}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
}
