package imports_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/peakday/peakday/internal/imports"
)

func Example() {
	file := strings.NewReader("Invoice,Code,Qty,Unit,Date\n" +
		"1001,kettle,2,19.90,2026-11-11 00:00:07\n" +
		"1002,kettle,two,19.90,2026-11-11 00:00:09\n" +
		"1003,kettle,-1,19.90,2026-11-12 10:30:00\n")
	orders := imports.Orders(imports.Settings{Zone: time.UTC, Currency: "CNY", Now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)})
	known, required := orders.Fields()
	rows, err := imports.NewRows("orders.csv", file, imports.Options{
		Columns:  imports.Columns{"order_id": "Invoice", "sku": "Code", "quantity": "Qty", "price": "Unit", "time": "Date"},
		Known:    known,
		Required: required,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range rows.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		e, err := orders.Event(row)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(e.ID, e.Type, string(e.Data))
	}
	// Output:
	// 9d9653342cdcc40497cfd6e65cf85f78 order.completed {"order_id":"1001","products":[{"product_id":"kettle","sku":"kettle","quantity":2,"price":"19.90"}]}
	// orders.csv:3: column Qty must be a whole number, got "two"
	// 5bfc736f2efb83724a91ac9d006dbb14 order.returned {"order_id":"1003","products":[{"product_id":"kettle","sku":"kettle","quantity":1,"price":"19.90"}]}
}
