package forecast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// memory is a store in memory that holds its callers to the interfaces' word.
type memory struct {
	lines    []Line
	byOrder  map[OrderKey][]int
	byUser   map[UserKey][]int
	ids      map[events.RecordID]bool
	hours    map[hourKey]Hour
	moves    []StockMove
	marks    map[events.Part]Mark
	events   []Event
	supplies []Supply
	category map[events.SKU]string
	presales map[presaleKey]PresaleHour
	said     []Override
	plans    []Plan
	reads    int
}

func newMemory() *memory {
	return &memory{
		byOrder: map[OrderKey][]int{}, byUser: map[UserKey][]int{},
		ids: map[events.RecordID]bool{}, hours: map[hourKey]Hour{}, marks: map[events.Part]Mark{},
		category: map[events.SKU]string{}, presales: map[presaleKey]PresaleHour{},
	}
}

func (m *memory) SaleLinesOfOrders(_ context.Context, keys []OrderKey) ([]Line, error) {
	return pick(m, keys, m.byOrder, func(*Line) bool { return true })
}

func (m *memory) SaleReturnsOfUsers(_ context.Context, keys []UserKey) ([]Line, error) {
	return pick(m, keys, m.byUser, func(l *Line) bool { return l.Kind == Returned })
}

func (m *memory) SaleLinesOfUsers(_ context.Context, keys []UserKey) ([]Line, error) {
	return pick(m, keys, m.byUser, func(*Line) bool { return true })
}

func pick[K comparable](m *memory, keys []K, index map[K][]int, want func(*Line) bool) ([]Line, error) {
	var out []Line
	asked := map[K]bool{}
	for _, k := range keys {
		if asked[k] {
			return nil, fmt.Errorf("key %v asked for twice", k)
		}
		asked[k] = true
		for _, i := range index[k] {
			if want(&m.lines[i]) {
				out = append(out, m.lines[i])
			}
		}
	}
	slices.Reverse(out) // any order
	return out, nil
}

func (m *memory) AddSaleLines(_ context.Context, lines []Line) error {
	for _, l := range lines {
		if m.ids[l.ID] {
			return errors.New("a line comes twice")
		}
		m.ids[l.ID] = true
		m.byOrder[l.orderKey()] = append(m.byOrder[l.orderKey()], len(m.lines))
		if l.User != "" {
			m.byUser[l.userKey()] = append(m.byUser[l.userKey()], len(m.lines))
		}
		m.lines = append(m.lines, l)
	}
	return nil
}

func (m *memory) AddSaleHours(_ context.Context, rows []Hour) error {
	seen := map[hourKey]bool{}
	for _, r := range rows {
		k := hourKey{r.SKU, r.Region, r.Start.Unix()}
		if seen[k] {
			return errors.New("an hour comes twice")
		}
		seen[k] = true
		h := m.hours[k]
		h.SKU, h.Region, h.Start = r.SKU, r.Region, r.Start
		h.Quantity += r.Quantity
		h.Revenue += r.Revenue
		h.Foreign += r.Foreign
		h.Deposits += r.Deposits
		m.hours[k] = h
	}
	return nil
}

func (m *memory) AddStockMoves(_ context.Context, moves []StockMove) error {
	m.moves = append(m.moves, moves...)
	return nil
}

func (m *memory) MarkSales(_ context.Context, part events.Part, newest time.Time) error {
	k := m.marks[part]
	k.Newest = latest(k.Newest, newest)
	k.Version++
	m.marks[part] = k
	return nil
}

// route turns events into the deliveries of their SKU records.
func route(t testing.TB, shop events.Currency, es ...events.Event) []events.Delivery {
	t.Helper()
	var out []events.Delivery
	for _, e := range es {
		f, err := events.Parse(e, shop)
		if err != nil {
			t.Fatalf("%s: %v", e.ID, err)
		}
		records, err := events.Route(e, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			f, err := r.Fact(shop)
			if err != nil {
				t.Fatal(err)
			}
			if (Sales{}).Wants(r.Kind, r.Type) {
				out = append(out, events.Delivery{Record: r, Fact: f})
			}
		}
	}
	return out
}

// event makes one, its id counted up by the test.
func event(id int, kind events.Type, at time.Time, data string) events.Event {
	return events.Event{ID: fmt.Sprint(id), Source: "test", Type: string(kind), Time: at, Data: []byte(data)}
}

// at reads "2025-11-11 20:15" on zone's clock.
func at(t testing.TB, zone *time.Location, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	return time.FixedZone("Asia/Shanghai", 8*3600)
}

func (m *memory) SalesMark(context.Context) (Mark, error) {
	var all Mark
	for _, k := range m.marks {
		all.Newest = latest(all.Newest, k.Newest)
		all.Version += k.Version
	}
	return all, nil
}

func (m *memory) SaleHours(_ context.Context, skus []events.SKU, from, before time.Time, each func(Hour) error) error {
	if before.Sub(from) > 2*365*24*time.Hour { // today's sales are read again and again
		m.reads++
	}
	var rows []Hour
	for _, h := range m.hours {
		if wanted(skus, h.SKU) && !h.Start.Before(from) && h.Start.Before(before) {
			rows = append(rows, h)
		}
	}
	slices.SortFunc(rows, func(a, b Hour) int {
		if a.SKU != b.SKU { // most are the same, and hashing is dear
			return cmp.Or(cmp.Compare(events.PartOf(a.SKU), events.PartOf(b.SKU)), cmp.Compare(a.SKU, b.SKU))
		}
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Region, b.Region))
	})
	for _, h := range rows {
		if err := each(h); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) StockMoves(_ context.Context, skus []events.SKU, each func(StockMove) error) error {
	moves := slices.Clone(m.moves)
	slices.SortStableFunc(moves, func(a, b StockMove) int { return cmp.Compare(a.SKU, b.SKU) })
	for _, v := range moves {
		if wanted(skus, v.SKU) {
			if err := each(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) SaleProducts(_ context.Context, skus []events.SKU) ([]Product, error) {
	seen := map[events.SKU]Product{}
	for _, h := range m.hours {
		seen[h.SKU] = Product{SKU: h.SKU, Item: "item-" + events.ItemID(h.SKU)}
	}
	var out []Product
	for _, sku := range sortedKeys(seen) {
		if wanted(skus, sku) {
			out = append(out, seen[sku])
		}
	}
	return out, nil
}

func (m *memory) CalendarEvents(context.Context) ([]Event, error) { return m.events, nil }

func (m *memory) Supplies(_ context.Context, skus []events.SKU) ([]Supply, error) {
	var out []Supply
	for _, s := range m.supplies {
		if wanted(skus, s.SKU) {
			out = append(out, s)
		}
	}
	return out, nil
}

func wanted(skus []events.SKU, sku events.SKU) bool {
	return len(skus) == 0 || slices.Contains(skus, sku)
}

// put stores the sales of one hour, as the fold would.
func (m *memory) put(h Hour) {
	k := hourKey{h.SKU, h.Region, h.Start.Unix()}
	m.hours[k] = h
	part := events.PartOf(h.SKU)
	mark := m.marks[part]
	mark.Newest = latest(mark.Newest, h.Start)
	mark.Version++
	m.marks[part] = mark
}

func (m *memory) AddPresaleHours(_ context.Context, rows []PresaleHour) error {
	seen := map[presaleKey]bool{}
	for _, r := range rows {
		k := presaleKey{r.SKU, r.Event, r.Start.Unix()}
		if seen[k] {
			return errors.New("an hour of a presale comes twice")
		}
		seen[k] = true
		p := m.presales[k]
		p.SKU, p.Event, p.Start = r.SKU, r.Event, r.Start
		r.Deposits, r.DepositValue, r.Void, r.Paid, r.Returned, r.Balances = -r.Deposits, -r.DepositValue, -r.Void, -r.Paid, -r.Returned, -r.Balances
		p.subtract(&r)
		m.presales[k] = p
	}
	return nil
}

func (m *memory) PresaleHours(_ context.Context, from, before time.Time, each func(PresaleHour) error) error {
	all := presales{}
	for k, p := range m.presales {
		if !p.Start.Before(from) && p.Start.Before(before) {
			all[k] = &p
		}
	}
	for _, p := range difference(all, nil) {
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Overrides(_ context.Context, skus []events.SKU) ([]Override, error) {
	var out []Override
	for _, o := range m.said {
		if wanted(skus, o.SKU) {
			out = append(out, o)
		}
	}
	return out, nil
}

func (m *memory) StockPlans(_ context.Context, q PlanQuery) ([]PlanHead, error) {
	var out []PlanHead
	for _, p := range slices.Backward(m.plans) {
		if len(out) < q.Limit && (q.Event == "" || p.Event == q.Event) && (q.Until == 0 || p.To <= q.Until) {
			out = append(out, PlanHead{p.ID, p.Created, p.Event, p.From, p.To})
		}
	}
	return out, nil
}

func (m *memory) StockPlan(_ context.Context, id string) (Plan, error) {
	for _, p := range m.plans {
		if p.ID == id {
			return p, nil
		}
	}
	return Plan{}, ErrNotFound
}
