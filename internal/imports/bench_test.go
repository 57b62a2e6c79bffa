package imports_test

import (
	"strings"
	"testing"

	"github.com/peakday/peakday/internal/imports"
)

func BenchmarkOrders(b *testing.B) {
	const row = "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,\"United Kingdom\"\n"
	file := "order_id,sku,title,quantity,time,price,user_id,region\n" + strings.Repeat(row, 1000)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		out, err := readAll(imports.Orders(shop(b)), file, imports.Options{})
		if err != nil || len(out) != 1000 {
			b.Fatal(len(out), err)
		}
	}
}
