package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// product is what a shop's order lines say of one product.
type product struct {
	series *forecast.Series
	price  float64 // of a piece, on average
}

// orderLine is one row of the orders.
type orderLine struct {
	sku, user string
	day       forecast.Day
	pieces    float64
	worth     float64
}

// readOrders reads order lines into daily series. The columns are found by the
// names that the data sets known here use.
func readOrders(file string) ([]product, forecast.Day, error) {
	rows, f, err := openTable(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	head, err := rows.Read()
	if err != nil {
		return nil, 0, err
	}
	read, err := lineReader(head)
	if err != nil {
		return nil, 0, err
	}
	var lines []orderLine
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if l, ok := read(row); ok {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b orderLine) int { return int(a.day - b.day) })
	products, last := productsOf(takeBack(lines))
	return products, last, nil
}

// lineReader reads a row; ok is false for one that is no sale and no return,
// such as a correction of the stock at price 0.
func lineReader(head []string) (func(row []string) (l orderLine, ok bool), error) {
	sku, at, quantity := column(head, "StockCode", "product_id", "sku"), column(head, "InvoiceDate", "transaction_timestamp", "time"), column(head, "Quantity", "quantity")
	user, price, value := column(head, "CustomerID", "household_id", "user_id"), column(head, "UnitPrice", "price"), column(head, "sales_value")
	if sku < 0 || at < 0 || quantity < 0 {
		return nil, fmt.Errorf("needs columns of product, time and quantity, has %s", strings.Join(head, ", "))
	}
	return func(row []string) (l orderLine, ok bool) {
		when, err := time.Parse("2006-01-02 15:04:05", row[at])
		n, bad := strconv.ParseFloat(row[quantity], 64)
		if err != nil || bad != nil || n == 0 {
			return l, false
		}
		l = orderLine{sku: row[sku], day: forecast.DayOf(when, time.UTC), pieces: n}
		if user >= 0 {
			l.user = row[user]
		}
		switch {
		case price >= 0:
			each, _ := strconv.ParseFloat(row[price], 64)
			l.worth = each * n
		case value >= 0:
			l.worth, _ = strconv.ParseFloat(row[value], 64)
		}
		return l, l.worth != 0 || price < 0
	}, nil
}

// takeBack lets each line of negative quantity take back what the same customer
// bought last of the product, as the import of orders does; what finds no
// purchase is left out.
func takeBack(lines []orderLine) []orderLine {
	bought := map[[2]string][]int{}
	for i := range lines {
		l := &lines[i]
		key := [2]string{l.user, l.sku}
		if l.pieces > 0 {
			bought[key] = append(bought[key], i)
			continue
		}
		for left := -l.pieces; left > 0 && len(bought[key]) > 0 && l.user != ""; {
			own := bought[key]
			sale := &lines[own[len(own)-1]]
			n := min(left, sale.pieces)
			sale.worth *= 1 - n/sale.pieces
			sale.pieces -= n
			if left -= n; sale.pieces == 0 {
				bought[key] = own[:len(own)-1]
			}
		}
	}
	return slices.DeleteFunc(lines, func(l orderLine) bool { return l.pieces <= 0 })
}

// productsOf sums lines, ordered by day, up to products, ordered by name.
func productsOf(lines []orderLine) (out []product, last forecast.Day) {
	if len(lines) == 0 {
		return nil, 0
	}
	last = lines[len(lines)-1].day
	at := map[string]int{}
	var worth, pieces []float64
	for _, l := range lines {
		i, known := at[l.sku]
		if !known {
			i = len(out)
			at[l.sku] = i
			out = append(out, product{series: &forecast.Series{SKU: events.SKU(l.sku), Start: l.day, Sold: make([]float64, last-l.day+1)}})
			worth, pieces = append(worth, 0), append(pieces, 0)
		}
		out[i].series.Sold[l.day-out[i].series.Start] += l.pieces
		worth[i], pieces[i] = worth[i]+l.worth, pieces[i]+l.pieces
	}
	for i := range out {
		out[i].price = worth[i] / pieces[i]
	}
	slices.SortFunc(out, func(a, b product) int { return strings.Compare(string(a.series.SKU), string(b.series.SKU)) })
	return out, last
}

func column(head []string, names ...string) int {
	for _, n := range names {
		if i := slices.IndexFunc(head, func(h string) bool { return strings.Trim(h, "\ufeff\"") == n }); i >= 0 {
			return i
		}
	}
	return -1
}
