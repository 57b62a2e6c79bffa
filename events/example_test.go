package events_test

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

func ExampleCurrency_Amount() {
	fmt.Println(events.Currency("CNY").Amount("0.29"))
	fmt.Println(events.Currency("JPY").Amount("980"))
	fmt.Println(events.Currency("CNY").Amount("0.295"))
	// Output:
	// 29 <nil>
	// 980 <nil>
	// 0 must have at most 2 decimals in CNY, got 3
}

const placed = `{
	"specversion": "1.0", "id": "o1-placed", "source": "shop", "type": "order.placed", "time": "2026-11-11T00:00:01+08:00",
	"data": {"order_id": "o1", "user_id": "u1", "products": [
		{"product_id": "p1", "sku": "p1-red", "quantity": 2, "price": "99.50"},
		{"product_id": "p2", "quantity": 1, "price": 10}
	]}
}`

func ExampleParse() {
	e, err := events.DecodeEvent([]byte(placed))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := events.Parse(e, "CNY")
	if err != nil {
		fmt.Println(err)
		return
	}
	order := f.Data.(*events.Order)
	fmt.Println(f.Type, f.Time.Format(time.RFC3339), order.User, order.Currency.Format(order.Total))
	for _, l := range order.Lines {
		fmt.Println(l.SKU, l.Quantity, order.Currency.Format(l.Price))
	}
	// Output:
	// order.placed 2026-11-10T16:00:01Z u1 209.00
	// p1-red 2 99.50
	// p2 1 10.00
}

// An order's records: one for its user, one for each line's SKU.
func ExampleRoute() {
	e, err := events.DecodeEvent([]byte(placed))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := events.Parse(e, "CNY")
	if err != nil {
		fmt.Println(err)
		return
	}
	records, err := events.Route(e, f)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range records {
		r := &records[i]
		fmt.Println(r.Kind, r.Index, r.Key, "in part", r.Part())
	}
	// Output:
	// user 0 u1 in part 501
	// sku 0 p1-red in part 451
	// sku 1 p2 in part 22
}

func ExampleIntake_Accept() {
	batch, err := events.DecodeBatch([]byte(`[` + placed + `, ` + placed + `,
		{"specversion": "1.0", "id": "v1", "source": "shop", "type": "product.viewed", "data": {"product_id": "p1"}}]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var log logOfLengths // store/segmentlog has a durable one
	in := events.NewIntake(&log, nil, "CNY", time.Now)
	receipt, err := in.Accept(context.Background(), batch, events.Channel{Trusted: true})
	if err != nil {
		fmt.Println(err) // nothing is promised: send it again
		return
	}
	fmt.Println(receipt.Accepted, "accepted,", receipt.Duplicates, "duplicate,", len(log), "records")
	for _, r := range receipt.Rejected {
		fmt.Println(r.Index, r.ID, r.Problem)
	}
	// Output:
	// 1 accepted, 1 duplicate, 3 records
	// 2 v1 data.user_id or anonymous_id is required
}

// logOfLengths is a log that keeps only how long its entries are.
type logOfLengths []int

func (l *logOfLengths) Append(_ context.Context, entries []events.Entry) error {
	for _, e := range entries {
		*l = append(*l, len(e.Data))
	}
	return nil
}

func (*logOfLengths) ID() string      { return "lengths" }
func (*logOfLengths) Partitions() int { return 1 }
func (*logOfLengths) Close() error    { return nil }

func (*logOfLengths) Read(context.Context, int, events.Position, int) ([]events.Stored, error) {
	return nil, events.ErrTrimmed
}
func (*logOfLengths) End(context.Context, int) (events.Position, error)        { return 0, nil }
func (*logOfLengths) Lag(context.Context, int, events.Position) (int64, error) { return 0, nil }
func (*logOfLengths) Trim(context.Context, int, events.Position) error         { return nil }
