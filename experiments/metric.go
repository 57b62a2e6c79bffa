package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

// Metric says what is counted for a unit and how the units' numbers become a
// figure of a variant.
type Metric struct {
	Key       string          `json:"key"`
	Name      string          `json:"name,omitempty"`
	Kind      MetricKind      `json:"kind"`
	Identity  events.UnitKind `json:"identity"` // the units whose facts count
	Numerator                 // what is counted
	// Denominator is what a ratio divides by.
	Denominator *Numerator `json:"denominator,omitempty"`
	// Window is how long after its first exposure a unit's facts count.
	Window Hours `json:"window"`
	// PrePeriod is how long before it they feed the covariate; 0 for none.
	PrePeriod Hours     `json:"pre_period"`
	Cap       *Cap      `json:"cap,omitempty"`
	Direction Direction `json:"direction"`
	Version   int64     `json:"version"`
}

// Numerator picks facts of a unit and makes one number of them.
type Numerator struct {
	Event     events.Type `json:"event"`
	Metric    string      `json:"metric,omitempty"` // for metric.observed: which one; the metric's own key if empty
	Where     *Condition  `json:"where,omitempty"`  // on the event's data
	Aggregate Aggregate   `json:"aggregate"`
	Value     string      `json:"value,omitempty"` // total, quantity, price, value; not for count and any
	// Decimals says in which unit the ledger sums: value × 10^Decimals is whole.
	Decimals int `json:"decimals"`
}

// MetricKind says how units' numbers become a variant's figure.
type MetricKind string

// The kinds: the share of units with any, the mean a unit, the mean number of
// facts a unit, a sum over a sum, a quantile of the values of all facts, the
// share of units with any on given days after exposure, and the share of units
// that went through steps.
const (
	Proportion MetricKind = "proportion"
	Mean       MetricKind = "mean"
	Count      MetricKind = "count"
	Ratio      MetricKind = "ratio"
	Quantile   MetricKind = "quantile"
	Retention  MetricKind = "retention"
	Funnel     MetricKind = "funnel"
)

// isShare reports whether a unit's number is 0 or 1.
func (m *Metric) isShare() bool {
	return m.Kind == Proportion || m.Kind == Retention || m.Kind == Funnel
}

// Aggregate makes one number of a unit's facts.
type Aggregate string

// The aggregates.
const (
	Sum   Aggregate = "sum"
	Tally Aggregate = "count" // of facts; of distinct orders for order events
	Any   Aggregate = "any"   // 1 if there is one
	Last  Aggregate = "last"  // the newest value
)

// Direction says which way a metric should move.
type Direction string

// The directions.
const (
	Increase Direction = "increase"
	Decrease Direction = "decrease"
)

// Cap bounds a unit's number from above, so that one wholesale buyer does not
// decide an experiment.
type Cap struct {
	Value float64 `json:"value,omitempty"` // in the metric's own unit
}

// Hours is a duration that JSON writes as "168h".
type Hours time.Duration

// MarshalJSON writes whole hours, such as "168h".
func (h Hours) MarshalJSON() ([]byte, error) {
	d := time.Duration(h)
	if d%time.Hour == 0 {
		return json.Marshal(fmt.Sprintf("%dh", d/time.Hour))
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads a duration such as "168h" or "30m".
func (h *Hours) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return &events.Invalid{Problem: fmt.Sprintf("must be a duration such as \"168h\", got %s", b)}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return &events.Invalid{Problem: fmt.Sprintf("must be a duration such as \"168h\", got %q", s)}
	}
	*h = Hours(d)
	return nil
}

const (
	defaultWindow    = Hours(7 * 24 * time.Hour)
	defaultPrePeriod = Hours(14 * 24 * time.Hour)
	longest          = Hours(366 * 24 * time.Hour)
)

// Check fills in what can only be one thing, and reports the first rule that m
// breaks, as an *events.Invalid. Amounts are in shop.
func (m *Metric) Check(shop events.Currency) error {
	if err := events.CheckKey("key", m.Key); err != nil {
		return err
	}
	if m.Identity == "" {
		m.Identity = events.User
	}
	if !m.Identity.Valid() {
		return wrong("identity", "must be user, device, session, team, shop or region, got %q", m.Identity)
	}
	if m.Direction == "" {
		m.Direction = Increase
	}
	if m.Direction != Increase && m.Direction != Decrease {
		return wrong("direction", "must be increase or decrease, got %q", m.Direction)
	}
	if m.Window <= 0 || m.Window > longest {
		return wrong("window", "must be above 0h and at most %dh, got %s", time.Duration(longest)/time.Hour, time.Duration(m.Window))
	}
	if m.PrePeriod < 0 || m.PrePeriod > longest {
		return wrong("pre_period", "must be 0h (none) to %dh, got %s", time.Duration(longest)/time.Hour, time.Duration(m.PrePeriod))
	}
	if err := m.checkKind(shop); err != nil {
		return err
	}
	if m.Cap != nil && (!(m.Cap.Value > 0 && m.Cap.Value <= 1e12) || m.Kind != Mean && m.Kind != Count) {
		return wrong("cap.value", "must be above 0 and at most 1e12, and only means and counts can be capped; got %g for a %s", m.Cap.Value, m.Kind)
	}
	return nil
}

func (m *Metric) checkKind(shop events.Currency) error {
	switch m.Kind {
	case Proportion:
		m.Aggregate = orElse(m.Aggregate, Any)
		if m.Aggregate != Any {
			return wrong("aggregate", "must be any for a proportion, got %q", m.Aggregate)
		}
	case Count:
		m.Aggregate = orElse(m.Aggregate, Tally)
		if m.Aggregate != Tally {
			return wrong("aggregate", "must be count for a count, got %q", m.Aggregate)
		}
	case Mean, Ratio:
		m.Aggregate = orElse(m.Aggregate, Sum)
	default:
		return wrong("kind", "must be proportion, mean, count or ratio, got %q", m.Kind)
	}
	if err := m.Numerator.check(m.Key, "", shop); err != nil {
		return err
	}
	if (m.Kind == Ratio) != (m.Denominator != nil) {
		return wrong("denominator", "is for a ratio, and a ratio needs one")
	}
	if m.Denominator != nil {
		m.Denominator.Aggregate = orElse(m.Denominator.Aggregate, Sum)
		return m.Denominator.check(m.Key, "denominator.", shop)
	}
	return nil
}

func (n *Numerator) check(metric, prefix string, shop events.Currency) error {
	if !ofUnits(n.Event) {
		return wrong(prefix+"event", "must be an event type of units such as order.paid, got %q", n.Event)
	}
	if n.Event == events.MetricObserved {
		n.Metric = orElse(n.Metric, metric)
		if err := events.CheckKey(prefix+"metric", n.Metric); err != nil {
			return err
		}
	} else if n.Metric != "" {
		return wrong(prefix+"metric", "is for metric.observed only, got %q for %s", n.Metric, n.Event)
	}
	switch n.Aggregate {
	case Tally, Any:
		if n.Value != "" {
			return wrong(prefix+"value", "is not used by aggregate %s", n.Aggregate)
		}
	case Sum, Last:
		values := valuesOf(n.Event)
		if len(values) == 0 {
			return wrong(prefix+"aggregate", "must be count or any: a %s carries no number to %s", n.Event, n.Aggregate)
		}
		n.Value = orElse(n.Value, values[0])
		if !slices.Contains(values, n.Value) {
			return wrong(prefix+"value", "must be %s for %s, got %q", strings.Join(values, " or "), n.Event, n.Value)
		}
	default:
		return wrong(prefix+"aggregate", "must be sum, count, any or last, got %q", n.Aggregate)
	}
	n.Decimals = n.decimals(shop)
	return nil
}

// decimals of an observed number are six, of an amount those of the currency;
// pieces and counts are whole.
func (n *Numerator) decimals(shop events.Currency) int {
	switch {
	case n.Aggregate == Tally || n.Aggregate == Any || n.Value == "quantity":
		return 0
	case n.Event == events.MetricObserved:
		return observedDecimals
	}
	return shop.Decimals()
}

// capped bounds a unit's number by the metric's cap.
func (m *Metric) capped(y int64) int64 {
	if m.Cap == nil {
		return y
	}
	return min(y, int64(math.Round(m.Cap.Value*math.Pow10(m.Decimals))))
}

// valuesOf lists the numbers that an event type carries, the usual one first.
func valuesOf(t events.Type) []string {
	switch t {
	case events.MetricObserved, events.CouponIssued, events.CouponRedeemed:
		return []string{"value"}
	case events.OrderPlaced, events.OrderPaid, events.OrderCompleted, events.OrderPaymentFailed,
		events.OrderCancelled, events.OrderRefunded, events.OrderReturned, events.DepositPaid, events.BalancePaid:
		return []string{"total", "quantity"}
	case events.ProductViewed, events.ProductClicked, events.ProductFavorited, events.ProductAdded, events.ProductRemoved:
		return []string{"quantity", "price"}
	}
	return nil
}

// ofUnits reports whether events of type t reach the ledger as facts of units.
// Exposures do so as exposures, and the rest is about products alone.
func ofUnits(t events.Type) bool {
	switch t {
	case events.ExperimentExposed, events.StockLevelled, events.StockAdjusted, events.ProductChanged:
		return false
	}
	return t.Known()
}

func orElse[T ~string](v, otherwise T) T {
	if v == "" {
		return otherwise
	}
	return v
}

func wrong(field, problem string, args ...any) *events.Invalid {
	return &events.Invalid{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
