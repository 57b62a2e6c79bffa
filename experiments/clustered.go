package experiments

import "github.com/peakday/peakday/events"

// someEvent stands for whatever a person does: it is for counting people.
const someEvent events.Type = "any"

// peopleTypes are the events that name who caused them.
func peopleTypes() []events.Type {
	return []events.Type{
		events.ProductViewed, events.ProductClicked, events.ProductAdded, events.ProductFavorited,
		events.OrderPlaced, events.OrderCompleted, events.OrderPaid,
	}
}

// personOf is who caused a fact of another unit: the user, of an anonymous visitor the
// device. It is empty if the fact names neither.
func personOf(f *UnitFact) string {
	switch d := f.data.(type) {
	case *events.Order:
		return whoOf(d.Who)
	case *events.Payment:
		return whoOf(d.Who)
	case *events.Behaviour:
		return whoOf(d.Who)
	case *events.Coupon:
		return "u " + string(d.User)
	}
	return ""
}

func whoOf(w events.Who) string {
	switch {
	case w.User != "":
		return "u " + string(w.User)
	case w.Device != "":
		return "d " + string(w.Device)
	}
	return ""
}

// clusteredBy is the metric as an experiment on kind counts it. A metric by user
// in an experiment on shops, regions or teams becomes a mean a person in them:
//
//	proportion    people who did it / people seen
//	mean, count   sum over the unit / people seen
//	ratio         the same, summed by the unit
//	quantile      the same, clustered by the unit
//
// all with the error of the units that were randomised (delta method): the
// people of one shop have met the same variant.
func (m Metric) clusteredBy(kind events.UnitKind) (Metric, error) {
	if m.Identity == kind {
		return m, nil
	}
	if m.Identity != events.User || kind != events.Shop && kind != events.Region && kind != events.Team {
		return m, wrong("metrics", "name %q, which counts by %s, but the experiment's unit is %s; only metrics by user can be clustered, by shop, region or team", m.Key, m.Identity, kind)
	}
	m.Identity, m.Per = kind, events.User
	switch m.Kind {
	case Ratio, Quantile:
		return m, nil
	case Proportion, Mean, Count:
	default:
		return m, wrong("metrics", "name %q, a %s by user: in an experiment on %ss it would need each user's own time of exposure", m.Key, m.Kind, kind)
	}
	if m.Cap != nil {
		return m, wrong("metrics", "name %q, which caps the number of a user: in an experiment on %ss only sums of %ss are known", m.Key, kind, kind)
	}
	switch m.Aggregate {
	case Any:
		m.Aggregate = People
	case Last:
		return m, wrong("metrics", "name %q, the last value of a user: in an experiment on %ss only sums of %ss are known", m.Key, kind, kind)
	}
	m.Kind, m.Denominator = Ratio, &Numerator{Event: someEvent, Aggregate: People}
	return m, nil
}
