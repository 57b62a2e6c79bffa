package experiments

import (
	"fmt"
	"math"
)

const (
	// earthRadius is the mean radius R1 of the GRS 80 ellipsoid, in metres
	// (H. Moritz, Geodetic Reference System 1980, J. Geodesy 74, 2000).
	earthRadius = 6_371_008.8

	// maxMetres is half way around the earth: no two places are further apart.
	maxMetres = math.Pi * earthRadius
)

// near compiles $near: {"lat": 31.23, "lng": 121.47, "metres": 500}.
func (c *conditionCompiler) near(at string, operand any) predicate {
	o, ok := operand.(jsonObject)
	if !ok {
		return c.refuse(at, `must be an object such as {"lat": 31.23, "lng": 121.47, "metres": 500}, got `+jsonKind(operand))
	}
	given := map[string]float64{}
	for _, m := range o {
		below := namePath(at, m.name)
		f, isNumber := m.value.(float64)
		switch {
		case m.name != "lat" && m.name != "lng" && m.name != "metres":
			return c.refuse(below, "is not known: $near takes lat, lng and metres")
		case !isNumber:
			return c.refuse(below, "must be a number, got "+jsonKind(m.value))
		}
		given[m.name] = f
	}
	for _, bound := range []struct {
		name      string
		low, high float64
	}{{"lat", -90, 90}, {"lng", -180, 180}, {"metres", 0, math.Ceil(maxMetres)}} {
		if f, ok := given[bound.name]; !ok || f < bound.low || f > bound.high {
			return c.refuse(namePath(at, bound.name), fmt.Sprintf("must be given, as a number from %.0f to %.0f", bound.low, bound.high))
		}
	}
	return &near{place{given["lat"], given["lng"]}, given["metres"]}
}

// near is $near: a place at most so many metres away, the bound included.
type near struct {
	centre place
	metres float64
}

func (n *near) holds(v any) bool {
	p, ok := placeOf(v)
	return ok && p.metresTo(n.centre) <= n.metres
}

// place is a point on the earth, in degrees.
type place struct{ lat, lng float64 }

// placeOf reads {"lat", "lng"}, two numbers within the earth's bounds.
func placeOf(v any) (place, bool) {
	object, _ := v.(map[string]any)
	lat, hasLat := numberOf(object["lat"])
	lng, hasLng := numberOf(object["lng"])
	ok := hasLat && hasLng && math.Abs(lat) <= 90 && math.Abs(lng) <= 180
	return place{lat, lng}, ok
}

// metresTo is the great-circle distance by the haversine formula (R. W.
// Sinnott, Virtues of the Haversine, Sky and Telescope 68, 1984) on a sphere,
// which errs by up to 0.6 % on the flattened earth.
func (p place) metresTo(q place) float64 {
	const radian = math.Pi / 180
	haversine := func(degrees float64) float64 {
		s := math.Sin(degrees * radian / 2)
		return s * s
	}
	parallels := math.Cos(p.lat*radian) * math.Cos(q.lat*radian)
	h := haversine(p.lat-q.lat) + parallels*haversine(p.lng-q.lng)
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
