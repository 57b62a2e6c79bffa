package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
)

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
		m.Aggregate = cmp.Or(m.Aggregate, Any)
		if m.Aggregate != Any {
			return wrong("aggregate", "must be any for a proportion, got %q", m.Aggregate)
		}
	case Count:
		m.Aggregate = cmp.Or(m.Aggregate, Tally)
		if m.Aggregate != Tally {
			return wrong("aggregate", "must be count for a count, got %q", m.Aggregate)
		}
	case Mean, Ratio:
		m.Aggregate = cmp.Or(m.Aggregate, Sum)
	case Quantile:
		m.Aggregate, m.PrePeriod = cmp.Or(m.Aggregate, Sum), 0
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
		m.Denominator.Aggregate = cmp.Or(m.Denominator.Aggregate, Sum)
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
	m.Aggregate = cmp.Or(m.Aggregate, Any)
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
		if s.Aggregate = cmp.Or(s.Aggregate, Any); s.Aggregate != Any {
			return wrong(field+"aggregate", "must be any for a step, got %q", s.Aggregate)
		}
		if err := s.Numerator.check(m.Key, field, shop); err != nil {
			return err
		}
		if s.Within < 0 || s.Within > longest {
			return wrong(field+"within", "must be at most %dh, got %s", time.Duration(longest)/time.Hour, time.Duration(s.Within))
		}
		s.Name = cmp.Or(s.Name, string(s.Event))
	}
	return nil
}

func (n *Numerator) check(metric, prefix string, shop events.Currency) error {
	if !ofUnits(n.Event) && (n.Event != someEvent || n.Aggregate != People || n.Where != nil) {
		return wrong(prefix+"event", "must be an event type of units such as order.paid, got %q", n.Event)
	}
	if n.Event == events.MetricObserved {
		n.Metric = cmp.Or(n.Metric, metric)
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
		n.Value = cmp.Or(n.Value, values[0])
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

func wrong(field, problem string, args ...any) *events.Invalid {
	return &events.Invalid{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
