package experiments

import "time"

// retention enters the unit on the day on which its days are over: whoever has
// not had the time to come back counts neither way. Its vector is (1, came back,
// the same over the pre-period).
func (u *unitCells) retention(m *Metric, t0 time.Time, facts []UnitFact) {
	const day = 24 * time.Hour
	from := t0.Add(time.Duration(m.Days[0]) * day)
	to := t0.Add(time.Duration(m.Days[1]+1) * day)
	preStart := t0.Add(-time.Duration(m.PrePeriod))
	v := []int64{1, 0}
	if m.PrePeriod > 0 {
		v = append(v, 0)
	}
	for _, r := range m.readings(facts) {
		switch {
		case !r.at.Before(from) && r.at.Before(to):
			v[1] = 1
		case m.PrePeriod > 0 && r.at.Before(t0) && !r.at.Before(preStart):
			v[2] = 1
		}
	}
	u.put(m.row(), DayOf(to, u.zone), v, nil)
}
