package forecast

import (
	"fmt"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// BenchmarkWhatIf asks what a fifth off would do to SKUs of a sale.
func BenchmarkWhatIf(b *testing.B) {
	m, desk := openShop(b)
	now := time.Date(2025, time.October, 20, 12, 0, 0, 0, desk.Zone)
	discount := .2
	all := make([]events.SKU, 8)
	for i := range all {
		all[i] = events.SKU(fmt.Sprint("s", i))
	}
	if err := m.MarkSales(b.Context(), 0, now); err != nil {
		b.Fatal(err)
	}
	for _, skus := range [][]events.SKU{all[:1], all} {
		q := WhatIf{SKUs: skus, Event: "11.11", Discount: &discount}
		if _, err := desk.WhatIf(b.Context(), q, now); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(len(skus), " SKUs"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := desk.WhatIf(b.Context(), q, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
