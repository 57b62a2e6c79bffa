package forecast

import (
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// net computes what lines sold, hour by hour: each sale less what was taken
// back of it, on the day of the sale; and what became of the deposits among
// them. It depends on the set of lines only, never on their order, and sets of
// lines that share no order and no user of a SKU add up: net(a ∪ b) = net(a) +
// net(b). The fold lives on that.
func net(lines []Line, zone *time.Location) (hours, presales) {
	sorted := make([]*Line, len(lines))
	for i := range lines {
		sorted[i] = &lines[i]
	}
	slices.SortFunc(sorted, func(a, b *Line) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	byOrder := map[OrderKey]*order{}
	var orders []*order
	var returns []*Line
	for _, l := range sorted {
		if l.Kind == Returned {
			returns = append(returns, l)
			continue
		}
		k := l.orderKey()
		o := byOrder[k]
		if o == nil {
			o = &order{}
			byOrder[k] = o
			orders = append(orders, o)
		}
		o.add(l)
	}
	out := hours{}
	var sales []*sale
	own := make([][]*sale, len(orders))
	for i, o := range orders {
		own[i] = o.sales()
		sales = append(sales, own[i]...)
		for _, d := range o.deposits {
			out.at(d.SKU, o.region(d), d.Time, zone).Deposits += d.Quantity
		}
	}
	takeBack(sales, returns, func(r *Line, left int64) {
		h := out.at(r.SKU, r.Region, r.Time, zone)
		h.add(r, -left, -share(r.Amount, left, r.Quantity))
	})
	for _, s := range sales {
		if s.left > 0 {
			out.at(s.line.SKU, s.region, s.line.Time, zone).add(s.line, s.left, s.value())
		}
	}
	waiting := presales{}
	for i, o := range orders {
		if len(o.deposits)+len(o.balances) > 0 {
			waiting.enter(o, own[i], zone)
		}
	}
	return out, waiting
}

func (h *Hour) add(l *Line, quantity int64, value events.Money) {
	h.Quantity += quantity
	h.Revenue += value
	if l.Foreign {
		h.Foreign += quantity
	}
}

// order holds the lines of one order and SKU, each kind in order of time.
type order struct {
	sold, presold, deposits, balances []*Line
	cancelled                         int64
}

func (o *order) add(l *Line) {
	switch l.Kind {
	case Sold:
		o.sold = append(o.sold, l)
	case Presold:
		o.presold = append(o.presold, l)
	case Deposit:
		o.deposits = append(o.deposits, l)
	case Balance:
		o.balances = append(o.balances, l)
	case Cancelled:
		o.cancelled += l.Quantity
	}
}

// sale is a line of demand and what is left of it.
type sale struct {
	line   *Line
	region string
	amount events.Money // of all pieces
	left   int64        // pieces not taken back
}

// value is what the pieces that are left were sold for.
func (s *sale) value() events.Money {
	return s.amount - share(s.amount, s.line.Quantity-s.left, s.line.Quantity)
}

// sales are the lines that count as demand, less what was cancelled, the
// latest first. An order with a presale's payment is a presale order even
// where its order.placed did not say so.
func (o *order) sales() []*sale {
	demand := o.sold
	if len(o.presold)+len(o.deposits)+len(o.balances) > 0 {
		demand = o.balances
	}
	sales := make([]*sale, len(demand))
	for i, l := range demand {
		sales[i] = &sale{line: l, region: o.region(l), amount: l.Amount, left: l.Quantity}
	}
	if len(sales) > 0 {
		for _, d := range o.deposits {
			sales[0].amount += d.Amount
		}
	}
	cancelled := o.cancelled
	for _, s := range slices.Backward(sales) {
		taken := min(cancelled, s.left)
		s.left -= taken
		cancelled -= taken
	}
	return sales
}

// region is the line's, else that of its order's order.placed: payments of a
// presale do not name one.
func (o *order) region(l *Line) string {
	if l.Region != "" {
		return l.Region
	}
	for _, placed := range [][]*Line{o.presold, o.sold} {
		for _, p := range placed {
			if p.Region != "" {
				return p.Region
			}
		}
	}
	return ""
}

// takeBack lets each return, the oldest first, take from the newest earlier
// sale of its user and SKU that has something left, then from older ones.
// What finds no sale goes to unmatched.
func takeBack(sales []*sale, returns []*Line, unmatched func(r *Line, left int64)) {
	bought := map[UserKey][]*sale{}
	for _, r := range returns {
		if r.User != "" {
			bought[r.userKey()] = nil
		}
	}
	for _, s := range sales {
		k := s.line.userKey()
		if _, has := bought[k]; has && s.left > 0 {
			bought[k] = append(bought[k], s)
		}
	}
	for _, own := range bought {
		slices.SortFunc(own, func(a, b *sale) int {
			if a.line.before(b.line) {
				return -1
			}
			return 1
		})
	}
	// A user's sales up to the return's time form a stack whose top is the newest.
	stacks := map[UserKey][]*sale{}
	for _, r := range returns {
		k, left := r.userKey(), r.Quantity
		next, stack := bought[k], stacks[k]
		for len(next) > 0 && !next[0].line.Time.After(r.Time) {
			stack, next = append(stack, next[0]), next[1:]
		}
		for left > 0 && len(stack) > 0 {
			top := stack[len(stack)-1]
			taken := min(left, top.left)
			top.left -= taken
			left -= taken
			if top.left == 0 {
				stack = stack[:len(stack)-1]
			}
		}
		bought[k], stacks[k] = next, stack
		if left > 0 {
			unmatched(r, left)
		}
	}
}
