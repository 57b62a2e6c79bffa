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
	// Level is which quantile a quantile is of: 0.99.
	Level float64 `json:"quantile,omitempty"`
	// Days are the first and the last day after exposure on which retention
	// looks for the event: [7,7] is the eighth 24 hours.
	Days []int `json:"days,omitempty"`
	// Steps are those of a funnel, in order.
	Steps   []Step `json:"steps,omitempty"`
	Version int64  `json:"version"`

	// Per is user where a metric by user is clustered by the experiment's unit:
	// it is a mean a person then, with the error of the units.
	Per events.UnitKind `json:"per,omitempty"`
	// Pending is the version of the experiment that added the metric, until what
	// it would have summed is rebuilt from the kept facts; 0 otherwise.
	Pending int64 `json:"pending,omitempty"`
	// Row names the metric's cells where that is not its key: a metric that was
	// taken out of an experiment and put in again has rows of its own.
	Row string `json:"row,omitempty"`
}

// Step is a step of a funnel: a unit reaches it by the event, at most Within
// after it reached the step before (after its exposure, for the first).
type Step struct {
	Numerator
	Name   string `json:"name,omitempty"`
	Within Hours  `json:"within,omitempty"` // 0: the metric's window
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
	// People counts distinct users (of strangers: devices) among the facts of
	// another unit, such as a shop's.
	People Aggregate = "people"
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
	// Quantile makes the value that of a quantile of units' numbers before the
	// experiment began. It is frozen at the start, so that it cannot follow the
	// effect.
	Quantile float64 `json:"quantile,omitempty"`
	Frozen   bool    `json:"frozen,omitempty"` // there was no traffic to take it from, unless Value is there
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
	return m.checkCap()
}

func (m *Metric) checkCap() error {
	switch c := m.Cap; {
	case c == nil:
	case m.Kind != Mean && m.Kind != Count:
		return wrong("cap", "is for means and counts, not for a %s", m.Kind)
	case c.Quantile != 0 && c.Value != 0:
		return wrong("cap", "must have a value or a quantile, not both")
	case c.Quantile != 0:
		if !(c.Quantile > 0 && c.Quantile < 1) {
			return wrong("cap.quantile", "must be above 0 and below 1 such as 0.999, got %g", c.Quantile)
		}
	case !(c.Value > 0 && c.Value <= 1e12):
		return wrong("cap.value", "must be above 0 and at most 1e12, got %g", c.Value)
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
	case Quantile:
		m.Aggregate, m.PrePeriod = orElse(m.Aggregate, Sum), 0
		if m.Aggregate != Sum || !(m.Level > 0 && m.Level < 1) {
			return wrong("quantile", "must be above 0 and below 1 such as 0.99, and of values (aggregate sum); got %g of %s", m.Level, m.Aggregate)
		}
	case Retention:
		if err := m.checkDays(); err != nil {
			return err
		}
	case Funnel:
		return m.checkSteps(shop)
	default:
		return wrong("kind", "must be proportion, mean, count, ratio, quantile, retention or funnel, got %q", m.Kind)
	}
	if err := m.checkShape(); err != nil {
		return err
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

// checkShape refuses what belongs to another kind.
func (m *Metric) checkShape() error {
	switch {
	case m.Kind != Quantile && m.Level != 0:
		return wrong("quantile", "is for a metric of kind quantile, not for a %s", m.Kind)
	case m.Kind != Retention && m.Days != nil:
		return wrong("days", "are for retention, not for a %s", m.Kind)
	case m.Kind != Funnel && m.Steps != nil:
		return wrong("steps", "are for a funnel, not for a %s", m.Kind)
	}
	return nil
}

// checkDays holds retention to its days, which are its window.
func (m *Metric) checkDays() error {
	m.Aggregate = orElse(m.Aggregate, Any)
	if m.Aggregate != Any {
		return wrong("aggregate", "must be any for retention, got %q", m.Aggregate)
	}
	if len(m.Days) != 2 || m.Days[0] < 1 || m.Days[1] < m.Days[0] || m.Days[1] > 365 {
		return wrong("days", "must be the first and the last day after exposure, such as [7,7], from 1 to 365; got %v", m.Days)
	}
	m.Window = Hours(time.Duration(m.Days[1]+1) * 24 * time.Hour)
	return nil
}

const maxSteps = 10

func (m *Metric) checkSteps(shop events.Currency) error {
	if n := len(m.Steps); n < 2 || n > maxSteps {
		return wrong("steps", "must be 2 to %d of a funnel, got %d", maxSteps, n)
	}
	if m.Event != "" || m.Denominator != nil {
		return wrong("event", "and denominator are for other kinds: a funnel has steps")
	}
	if err := m.checkShape(); err != nil {
		return err
	}
	m.Aggregate, m.PrePeriod = Any, 0
	for i := range m.Steps {
		s := &m.Steps[i]
		field := fmt.Sprintf("steps[%d].", i)
		if s.Aggregate = orElse(s.Aggregate, Any); s.Aggregate != Any {
			return wrong(field+"aggregate", "must be any for a step, got %q", s.Aggregate)
		}
		if err := s.Numerator.check(m.Key, field, shop); err != nil {
			return err
		}
		if s.Within < 0 || s.Within > longest {
			return wrong(field+"within", "must be at most %dh, got %s", time.Duration(longest)/time.Hour, time.Duration(s.Within))
		}
		s.Name = orElse(s.Name, string(s.Event))
	}
	return nil
}

func (n *Numerator) check(metric, prefix string, shop events.Currency) error {
	if !ofUnits(n.Event) && (n.Event != someEvent || n.Aggregate != People || n.Where != nil) {
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
	case Tally, Any, People:
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
		return wrong(prefix+"aggregate", "must be sum, count, any, last or people, got %q", n.Aggregate)
	}
	n.Decimals = n.decimals(shop)
	return nil
}

// decimals of an observed number are six, of an amount those of the currency;
// pieces and counts are whole.
func (n *Numerator) decimals(shop events.Currency) int {
	switch {
	case n.Aggregate == Tally || n.Aggregate == Any || n.Aggregate == People || n.Value == "quantity":
		return 0
	case n.Event == events.MetricObserved:
		return observedDecimals
	}
	return shop.Decimals()
}

// capped bounds a unit's number by the metric's cap.
func (m *Metric) capped(y int64) int64 {
	if m.Cap == nil || m.Cap.Value == 0 {
		return y
	}
	return min(y, int64(math.Round(m.Cap.Value*math.Pow10(m.Decimals))))
}

// row names the metric's cells.
func (m *Metric) row() string {
	if m.Row != "" {
		return m.Row
	}
	return m.Key
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
