package forecast

import (
	"context"
	"errors"
	"time"

	"github.com/peakday/peakday/events"
)

// SalesTx is what the fold Sales needs of the store's transaction. Each call
// takes what a whole batch needs, so that a driver can answer it with a few
// statements. All tables lead with the virtual partition of the SKU.
type SalesTx interface {
	// SaleLinesOfOrders returns the stored lines of each key, in any order.
	SaleLinesOfOrders(ctx context.Context, keys []OrderKey) ([]Line, error)

	// SaleReturnsOfUsers returns the stored lines of kind Returned of each
	// key, in any order. Nearly always there are none.
	SaleReturnsOfUsers(ctx context.Context, keys []UserKey) ([]Line, error)

	// SaleLinesOfUsers returns the stored lines of each key, in any order.
	SaleLinesOfUsers(ctx context.Context, keys []UserKey) ([]Line, error)

	// AddSaleLines stores lines that are not there yet (Line.ID is new).
	AddSaleLines(ctx context.Context, lines []Line) error

	// AddSaleHours adds the numbers of each row to what is stored under its
	// (SKU, Region, Start), beginning at zero. Each key comes once a call.
	AddSaleHours(ctx context.Context, rows []Hour) error

	// AddPresaleHours adds the numbers of each row to what is stored under its
	// (SKU, Event, Start), beginning at zero. Each key comes once a call.
	AddPresaleHours(ctx context.Context, rows []PresaleHour) error

	// AddStockMoves stores moves that are not there yet (StockMove.ID is new).
	AddStockMoves(ctx context.Context, moves []StockMove) error

	// MarkSales raises the stored Newest under part to newest, unless it is
	// newer already or newest is zero, and adds one to the Version there.
	MarkSales(ctx context.Context, part events.Part, newest time.Time) error
}

// OrderKey names the lines of one order that sold one SKU.
type OrderKey struct {
	SKU   events.SKU
	Order events.OrderID
}

// UserKey names the lines of one user that sold one SKU; the user is known.
type UserKey struct {
	SKU  events.SKU
	User events.UserID
}

// Mark says how far the sales have come.
type Mark struct {
	Newest  time.Time // of all consumed orders, by event time; zero before the first
	Version int64     // grows with every change of sales or stock: the sum over the parts
}

// Reader is what the Desk reads: the folded sales and what planners said.
// An empty list of SKUs asks for all of them.
type Reader interface {
	// SalesMark returns the newest of all parts' marks.
	SalesMark(ctx context.Context) (Mark, error)

	// SaleHours hands over the rows with from <= Start < before: all rows of
	// a SKU one after another, in order of Start.
	SaleHours(ctx context.Context, skus []events.SKU, from, before time.Time, each func(Hour) error) error

	// PresaleHours hands over the rows with from <= Start < before of all SKUs:
	// all rows of a SKU one after another, those of one event in order of Start.
	PresaleHours(ctx context.Context, from, before time.Time, each func(PresaleHour) error) error

	// StockMoves hands over all moves: all of a SKU one after another.
	StockMoves(ctx context.Context, skus []events.SKU, each func(StockMove) error) error

	// SaleProducts lists the SKUs that were ever sold or stocked, or have
	// supply data, ordered by SKU.
	SaleProducts(ctx context.Context, skus []events.SKU) ([]Product, error)

	// CalendarEvents lists the stored events of the calendar.
	CalendarEvents(ctx context.Context) ([]Event, error)

	// Supplies lists the stored supply data, ordered by SKU.
	Supplies(ctx context.Context, skus []events.SKU) ([]Supply, error)

	// Overrides lists what planners said of SKUs: every version, ordered by
	// SKU and version.
	Overrides(ctx context.Context, skus []events.SKU) ([]Override, error)

	// StockPlans lists the heads of stored plans, the newest first; StockPlan
	// reads one.
	StockPlans(ctx context.Context, q PlanQuery) ([]PlanHead, error)
	StockPlan(ctx context.Context, id string) (Plan, error)
}

// Product is what the forecast wants to know about a SKU.
type Product struct {
	SKU      events.SKU
	Item     events.ItemID // from its sales; empty if it never sold
	Category string        // of the item in the catalogue; empty if unknown
}

// PlanHead says of a stored plan what it is for.
type PlanHead struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Event   string    `json:"event"` // empty for a plan of plain days
	From    Day       `json:"from"`  // the window of demand that it covers
	To      Day       `json:"to"`
}

// PlanQuery chooses stored plans.
type PlanQuery struct {
	Event string // for it only; empty: all
	Until Day    // whose windows end by this day; 0: all
	Limit int    // at most so many
}

// Definitions keeps what planners say and get: the calendar, supply data and
// stock plans. A definition's Version counts its changes from 1; Put replaces
// the version that its argument carries (0: there must be none; AnyVersion:
// whatever there is) and returns the new one, or ErrChanged.
type Definitions interface {
	// CalendarEvent returns ErrNotFound if key was never put.
	CalendarEvent(ctx context.Context, key string) (Event, error)
	PutCalendarEvent(ctx context.Context, e Event) (version int64, err error)

	// Supply returns ErrNotFound if sku has none.
	Supply(ctx context.Context, sku events.SKU) (Supply, error)
	PutSupply(ctx context.Context, s Supply) (version int64, err error)

	// PutOverride adds a version to what was said of a SKU; Version is the one
	// that it follows.
	PutOverride(ctx context.Context, o Override) (version int64, err error)

	// AddStockPlan stores a plan under its ID, for good.
	AddStockPlan(ctx context.Context, p Plan) error
	// StockPlan returns ErrNotFound if there is no plan of that id.
	StockPlan(ctx context.Context, id string) (Plan, error)
}

// AnyVersion lets a Put replace a definition whatever its version.
const AnyVersion int64 = -1

var (
	// ErrNotFound says that nothing is stored under a key.
	ErrNotFound = errors.New("not found")
	// ErrChanged says that a definition has another version than expected.
	ErrChanged = errors.New("it was changed meanwhile")
)
