package forecast

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// Sales folds order, presale and stock events into the sales of each SKU by
// the hour, and into its stock moves. It reads records of kind events.ForSKU.
//
// Demand counts when an order is placed, a presale's when its balance is paid.
// What is cancelled, refunded or returned is taken back from the hour of its
// sale. The state depends on the set of records only: the fold loads the lines
// that share an order or (where there are returns) a user with the batch,
// computes what they sold without and with it, and adds the difference.
type Sales struct {
	Shop events.Currency // amounts in another one are kept out of revenue
	Zone *time.Location  // of the shop: its hours begin on this clock
}

var _ events.Fold[SalesTx] = Sales{}

// Name implements events.Fold.
func (Sales) Name() string { return "sales" }

// Wants reports whether the fold reads records of this kind and type.
func (Sales) Wants(kind events.Kind, t events.Type) bool {
	if kind != events.ForSKU {
		return false
	}
	switch t {
	case events.OrderPlaced, events.OrderCompleted, events.OrderCancelled, events.OrderRefunded, events.OrderReturned,
		events.DepositPaid, events.BalancePaid, events.StockLevelled, events.StockAdjusted:
		return true
	}
	return false
}

// maxAmount bounds one line (10^13 of the minor unit), so that no sum that a
// shop can reach overflows the store's 64 bits.
const maxAmount events.Money = 1e13

// Apply implements events.Fold.
func (s Sales) Apply(ctx context.Context, tx SalesTx, batch []events.Delivery) error {
	var (
		lines  []Line
		moves  []StockMove
		newest time.Time
	)
	for _, d := range batch {
		if m, ok := moveOf(d); ok {
			moves = append(moves, m)
			continue
		}
		newest = latest(newest, d.Fact.Time)
		l, ok := lineOf(d, s.Shop)
		if l.Amount > maxAmount {
			return &events.Invalid{Field: "data.products", Problem: fmt.Sprintf("must be worth at most %s a line", s.Shop.Format(maxAmount))}
		}
		if ok {
			lines = append(lines, l)
		}
	}
	if err := s.addLines(ctx, tx, lines); err != nil {
		return err
	}
	if len(moves) > 0 {
		if err := tx.AddStockMoves(ctx, moves); err != nil {
			return fmt.Errorf("add stock moves: %w", err)
		}
	}
	// One part is enough: the mark of all is the newest of the parts'.
	if err := tx.MarkSales(ctx, batch[0].Part(), newest); err != nil {
		return fmt.Errorf("mark sales: %w", err)
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (s Sales) addLines(ctx context.Context, tx SalesTx, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	known, err := relatives(ctx, tx, lines)
	if err != nil {
		return err
	}
	before, waited := net(known, s.Zone)
	after, waiting := net(append(known, lines...), s.Zone)
	if err := tx.AddSaleLines(ctx, lines); err != nil {
		return fmt.Errorf("add sale lines: %w", err)
	}
	if changes := difference(after, before); len(changes) > 0 {
		if err := tx.AddSaleHours(ctx, changes); err != nil {
			return fmt.Errorf("add sale hours: %w", err)
		}
	}
	if changes := difference(waiting, waited); len(changes) > 0 {
		if err := tx.AddPresaleHours(ctx, changes); err != nil {
			return fmt.Errorf("add presale hours: %w", err)
		}
	}
	return nil
}

// relatives loads the stored lines on which the sales of lines may depend:
// those of their orders, and all of a user who ever returned the SKU, with
// their orders in turn.
func relatives(ctx context.Context, tx SalesTx, lines []Line) ([]Line, error) {
	f := newFamily()
	for i := range lines {
		f.meet(&lines[i])
	}
	steps := []struct {
		name string
		load func() ([]Line, bool, error)
	}{
		{"of orders", func() ([]Line, bool, error) { return fetch(ctx, &f.orders, tx.SaleLinesOfOrders) }},
		{"of returns", func() ([]Line, bool, error) { return fetch(ctx, &f.returns, tx.SaleReturnsOfUsers) }},
		{"of users", func() ([]Line, bool, error) { return fetch(ctx, &f.users, tx.SaleLinesOfUsers) }},
	}
	for more := true; more; {
		more = false
		for _, step := range steps {
			found, any, err := step.load()
			if err != nil {
				return nil, fmt.Errorf("load sale lines %s: %w", step.name, err)
			}
			more = more || any
			for i := range found {
				f.add(&found[i])
			}
		}
	}
	return f.lines, nil
}

// family gathers stored lines and what must still be asked about them.
type family struct {
	lines   []Line
	known   map[events.RecordID]bool
	orders  asked[OrderKey]
	returns asked[UserKey]
	users   asked[UserKey] // of those who returned something
}

func newFamily() *family {
	return &family{
		known:   map[events.RecordID]bool{},
		orders:  asked[OrderKey]{seen: map[OrderKey]bool{}},
		returns: asked[UserKey]{seen: map[UserKey]bool{}},
		users:   asked[UserKey]{seen: map[UserKey]bool{}},
	}
}

func (f *family) add(l *Line) {
	if f.known[l.ID] {
		return
	}
	f.known[l.ID] = true
	f.lines = append(f.lines, *l)
	f.meet(l)
}

func (f *family) meet(l *Line) {
	switch l.Kind {
	case Returned:
		if l.User != "" {
			f.returns.want(l.userKey())
			f.users.want(l.userKey())
		}
		return // the order of a return is its own: it names no sale
	case Sold, Balance:
		if l.User != "" {
			f.returns.want(l.userKey())
		}
	}
	f.orders.want(l.orderKey())
}

// asked gathers keys to ask the store for, each once.
type asked[K comparable] struct {
	seen map[K]bool
	next []K
}

func (a *asked[K]) want(k K) {
	if !a.seen[k] {
		a.seen[k] = true
		a.next = append(a.next, k)
	}
}

// fetch asks for the keys that are waiting; any is false if there are none.
func fetch[K comparable](ctx context.Context, a *asked[K], load func(context.Context, []K) ([]Line, error)) (found []Line, any bool, err error) {
	if len(a.next) == 0 {
		return nil, false, nil
	}
	keys := a.next
	a.next = nil
	found, err = load(ctx, keys)
	return found, true, err
}
