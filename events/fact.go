package events

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Type names what happened.
type Type string

// The types that peakday knows. Others are kept and counted, never an error.
const (
	ExperimentExposed Type = "experiment.exposed"

	ProductViewed    Type = "product.viewed"
	ProductClicked   Type = "product.clicked"
	ProductFavorited Type = "product.favorited"
	ProductAdded     Type = "product.added"   // to the cart
	ProductRemoved   Type = "product.removed" // from the cart
	Recommended      Type = "recommendation.shown"

	OrderPlaced        Type = "order.placed"
	OrderPaid          Type = "order.paid"
	OrderCompleted     Type = "order.completed" // placed and paid at once, as imported lines are
	OrderPaymentFailed Type = "order.payment_failed"
	OrderCancelled     Type = "order.cancelled"
	OrderRefunded      Type = "order.refunded"
	OrderReturned      Type = "order.returned" // goods came back without naming the order that sold them
	DepositPaid        Type = "presale.deposit_paid"
	BalancePaid        Type = "presale.balance_paid"

	StockLevelled Type = "stock.level"    // absolute
	StockAdjusted Type = "stock.adjusted" // a delta

	CouponIssued   Type = "coupon.issued"
	CouponRedeemed Type = "coupon.redeemed"

	ProductChanged Type = "product.changed"
	UserChanged    Type = "user.changed"
	UserIdentified Type = "user.identified"
	MetricObserved Type = "metric.observed"
)

// Fact is an event whose data has been read and checked.
type Fact struct {
	Source   string
	ID       string
	Type     Type
	Time     time.Time // when it happened
	Appended time.Time // when the log took it; zero before that
	Imported bool      // brought in afterwards from a file: never late
	Data     Data
}

// Data is the part of a fact that its type decides: *Exposure, *Behaviour,
// *Shown, *Order, *Payment, *Stock, *Coupon, *Product, *Traits, *Identity,
// *Observation, or *Unknown.
type Data interface {
	// units lists the units that the fact names, each kind once.
	units() []Unit
}

// Unknown is the data of a type that peakday does not know: kept and counted.
type Unknown struct{}

func (*Unknown) units() []Unit { return nil }

// Units lists the units that the fact names, each kind once: user_id fills
// user, anonymous_id fills device, `units` the others.
func (f Fact) Units() []Unit { return f.Data.units() }

// Known reports whether t is one of the types that peakday understands.
func (t Type) Known() bool {
	return readerOf(t) != nil
}

// Trusted reports whether only a shop's own servers may send t
// (scope events:trusted); the others may come from browsers. The answer is part
// of every record's id: for a type that is known it must never change.
func (t Type) Trusted() bool {
	switch t {
	case ExperimentExposed, ProductViewed, ProductClicked, ProductFavorited, ProductAdded, ProductRemoved, Recommended:
		return false
	}
	return true
}

// Parse reads and checks the data of e; amounts without a currency of their
// own are in shop. The error is an *Invalid whose field begins with "data".
func Parse(e Event, shop Currency) (Fact, error) {
	f := Fact{Source: e.Source, ID: e.ID, Type: Type(e.Type), Time: e.Time}
	read := readerOf(f.Type)
	if read == nil {
		f.Data = &Unknown{}
		return f, nil
	}
	if len(e.Data) == 0 {
		return f, &Invalid{Field: "data", Problem: "is required for " + e.Type}
	}
	if err := checkText(e.Data); err != nil {
		return f, err
	}
	var err error
	if f.Data, err = read(e.Data, f.Type, shop); err != nil {
		return f, InvalidJSON("data", err)
	}
	return f, nil
}

// checkText refuses what some stores cannot keep as text.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return &Invalid{Field: "data", Problem: "must be UTF-8"}
	}
	for {
		before, after, found := bytes.Cut(data, []byte(`\u0000`))
		if !found {
			return nil
		}
		if slashes := len(before) - len(bytes.TrimRight(before, `\`)); slashes%2 == 0 {
			return &Invalid{Field: "data", Problem: "must not contain the character U+0000"}
		}
		data = after
	}
}

// reader turns the data of one family of types into its struct. A field that
// breaks a rule is an *Invalid with the field's name below "data".
type reader func(data json.RawMessage, t Type, shop Currency) (Data, error)

// readerOf is the table of all types; nil for one that is not known.
func readerOf(t Type) reader {
	switch t {
	case ExperimentExposed:
		return readExposure
	case ProductViewed, ProductClicked, ProductFavorited, ProductAdded, ProductRemoved:
		return readBehaviour
	case Recommended:
		return readShown
	case OrderPlaced, OrderPaid, OrderCompleted, OrderPaymentFailed, OrderCancelled, OrderRefunded, OrderReturned:
		return readOrder
	case DepositPaid, BalancePaid:
		return readPayment
	case StockLevelled, StockAdjusted:
		return readStock
	case CouponIssued, CouponRedeemed:
		return readCoupon
	case ProductChanged:
		return readProduct
	case UserChanged:
		return readTraits
	case UserIdentified:
		return readIdentity
	case MetricObserved:
		return readObservation
	}
	return nil
}
