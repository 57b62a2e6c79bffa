package panel

import "time"

// clock watches the zones of a table's times. Days and longer steps are stamped at
// one time of the local day, which daylight saving moves by an hour against UTC:
// such times are taken at their own clock.
type clock struct {
	rows   int
	of     time.Duration // into the local day, of the first row
	moves  bool          // another row has another
	offset bool          // some time is not in UTC
}

// see notes the zone of a row's time and gives its offset from UTC in seconds.
func (c *clock) see(t time.Time) int32 {
	_, offset := t.Zone()
	hour, minute, second := t.Clock()
	of := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	if c.rows++; c.rows == 1 {
		c.of = of
	}
	c.moves = c.moves || of != c.of
	c.offset = c.offset || offset != 0
	return int32(offset)
}

// local reports whether times are taken at their own clock, not as instants.
func (c *clock) local() bool { return c.offset && !c.moves }

// time is that of row j.
func (r *rows) time(j int, local bool) time.Time {
	t := time.Unix(0, r.at[j]).UTC()
	if local && r.offsets != nil {
		t = t.Add(time.Duration(r.offsets[j]) * time.Second)
	}
	return t
}
