package events

import (
	"testing"
	"time"
)

const orderOfThree = `{"specversion":"1.0","id":"o-20261111-000001-placed","source":"shop/checkout","type":"order.placed","time":"2026-11-11T00:00:01.234567+08:00","data":{"order_id":"20261111-000001","user_id":"user-1234567","currency":"CNY","region":"east","total":"428.40","coupon":"D11-50","products":[{"product_id":"p-10001","sku":"p-10001-red-xl","title":"Cotton T-shirt","quantity":2,"price":"99.50"},{"product_id":"p-20002","sku":"p-20002-40","title":"Running shoes","quantity":1,"price":199},{"product_id":"p-30003","sku":"p-30003-one","title":"Socks","quantity":3,"price":10.13}]}}`

const viewFromAPage = `{"specversion":"1.0","id":"018f2b3c-7e6a-7bbb-a111-0123456789ab","source":"web","type":"product.viewed","time":"2026-11-11T00:00:01.234+08:00","data":{"user_id":"user-1234567","anonymous_id":"d-89abcdef","session_id":"s-55","product_id":"p-10001","price":99.5,"placement":"home","request":"r-123"}}`

func BenchmarkDecodeParseRoute(b *testing.B) {
	for _, c := range []struct {
		name, json string
		records    int
	}{
		{"order of 3 lines", orderOfThree, 4},
		{"product.viewed", viewFromAPage, 2},
	} {
		raw := []byte(c.json)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e, err := DecodeEvent(raw)
				if err != nil {
					b.Fatal(err)
				}
				f, err := Parse(e, "CNY")
				if err != nil {
					b.Fatal(err)
				}
				records, err := Route(e, f)
				if err != nil || len(records) != c.records {
					b.Fatal(len(records), err)
				}
			}
		})
	}
}

func benchRecord() Record {
	return Record{
		Source: "shop/checkout", ID: "o-20261111-000001-placed", Kind: Kind(User), Key: "user-1234567", Type: OrderPlaced,
		Time: time.Date(2026, 11, 10, 16, 0, 1, 234567000, time.UTC), Data: []byte(orderOfThree),
	}
}

func BenchmarkRecordEncode(b *testing.B) {
	r := benchRecord()
	buffer := r.Encode(nil)
	b.ReportAllocs()
	for b.Loop() {
		buffer = r.Encode(buffer[:0])
	}
}

func BenchmarkDecodeRecord(b *testing.B) {
	r := benchRecord()
	encoded := r.Encode(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeRecord(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecordID(b *testing.B) {
	r := benchRecord()
	b.ReportAllocs()
	for b.Loop() {
		r.RecordID()
	}
}
