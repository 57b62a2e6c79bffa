package forecast

import "time"

// profile is how a day's demand spreads over its 24 hours, in pieces.
type profile [24]float64

// shares are the profile's hours as parts of 1, shrunk to a parent that has
// the weight of belief pieces.
func (p *profile) shares(parent *profile, belief float64) (out profile) {
	total := belief
	for _, v := range p {
		total += v
	}
	for h, v := range p {
		out[h] = (v + belief*parent[h]) / total
	}
	return out
}

// profiles are the hourly profiles of a shop's days: on ordinary days, and on each day
// of an event, whose first hour may sell more than an ordinary week.
type profiles struct {
	ordinary profile
	labelled map[Label]*profile
}

func newProfiles() *profiles { return &profiles{labelled: map[Label]*profile{}} }

// add counts pieces sold in an hour of a day that had stock throughout.
func (p *profiles) add(label *Label, hour int, pieces float64) {
	if label == nil {
		p.ordinary[hour] += pieces
		return
	}
	of := p.labelled[*label]
	if of == nil {
		of = &profile{}
		p.labelled[*label] = of
	}
	of[hour] += pieces
}

// usual is the share of each hour on a day like this of a SKU that sold own on
// ordinary days: that of all SKUs, times how the SKU differs from them on
// ordinary days. Hours of which it says little differ little.
func (p *profiles) usual(label *Label, own *profile) profile {
	const belief = 10 // pieces in an hour that are needed to believe a difference
	var even profile
	for h := range even {
		even[h] = 1. / 24
	}
	ordinary := p.ordinary.shares(&even, 24)
	out := ordinary
	if label != nil && p.labelled[*label] != nil {
		out = p.labelled[*label].shares(&ordinary, 200)
	}
	pieces, sum := 0., 0.
	for _, v := range own {
		pieces += v
	}
	for h := range out {
		out[h] *= (own[h] + belief) / (pieces*ordinary[h] + belief)
		sum += out[h]
	}
	for h := range out {
		out[h] /= sum
	}
	return out
}

// openShare is the share of a day's usual demand that could be sold. An hour
// in which something was sold was open, whatever the stock events say.
// outages are in order.
func openShare(d Day, zone *time.Location, usual *profile, outages []Span, sold uint32) float64 {
	share := 0.
	at := d.In(zone)
	for h, part := range usual {
		from := at.Add(time.Duration(h) * time.Hour)
		open := 1.
		if sold&(1<<h) == 0 {
			for _, o := range outages {
				if !o.From.Before(from.Add(time.Hour)) {
					break
				}
				open -= float64(o.within(from, from.Add(time.Hour))) / float64(time.Hour)
			}
		}
		share += part * max(0, open)
	}
	return min(share, 1)
}
