package experiments_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/experiments"
)

// nearTo asks whether one place is within metres of another.
func nearTo(tb testing.TB, lat, lng, metres, toLat, toLng float64) bool {
	tb.Helper()
	c := parseCondition(tb, fmt.Sprintf(`{"at": {"$near": {"lat": %v, "lng": %v, "metres": %v}}}`, toLat, toLng, metres))
	return c.Matches(experiments.Attributes{"at": map[string]any{"lat": lat, "lng": lng}})
}

func TestNearDistances(t *testing.T) {
	t.Parallel()
	const degree = math.Pi * 6371008.8 / 180 // of a great circle
	for _, c := range []struct {
		name                   string
		lat, lng, toLat, toLng float64
		metres                 float64
		tolerance              float64
	}{
		// Rosetta Code, "Haversine formula": 2887.2599506 km on a radius of 6372.8 km.
		{"Nashville to Los Angeles", 36.12, -86.67, 33.94, -118.40, 2887259.9506 * 6371008.8 / 6372800, 0.01},
		{"a degree of the equator", 0, 10, 0, 11, degree, 0.001},
		{"a degree of a meridian", 50, 10, 51, 10, degree, 0.001},
		{"a degree of the 60th parallel", 60, 0, 60, 1, 2 * 6371008.8 * math.Asin(math.Sin(math.Pi/360)/2), 0.001},
		{"across the 180th meridian", 0, 179.999, 0, -179.999, 0.002 * degree, 0.001},
		{"180 east is 180 west", 10, 180, 10, -180, 0, 0.001},
		{"over the pole", 89, 0, 89, 180, 2 * degree, 0.001},
		{"at the pole every longitude is one", 90, 17, 90, -120, 0, 0.001},
		{"antipodes", 30, 40, -30, -140, 180 * degree, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if far := min(c.metres+c.tolerance, 20015115); !nearTo(t, c.lat, c.lng, far, c.toLat, c.toLng) {
				t.Errorf("further than %v", far)
			}
			if less := c.metres - c.tolerance; less >= 0 && nearTo(t, c.lat, c.lng, less, c.toLat, c.toLng) {
				t.Errorf("nearer than %v", less)
			}
		})
	}
}

// TestNearIncludesItsBound at the two distances that floating point gives
// exactly: none, and half the circumference.
func TestNearIncludesItsBound(t *testing.T) {
	t.Parallel()
	const half = math.Pi * 6371008.8
	if !nearTo(t, 31.23, 121.47, 0, 31.23, 121.47) {
		t.Error("a place is not at 0 m from itself")
	}
	if !nearTo(t, 0, 0, half, 0, 180) {
		t.Errorf("%v m does not hold at that distance", half)
	}
	if less := math.Nextafter(half, 0); nearTo(t, 0, 0, less, 0, 180) {
		t.Errorf("%v m holds at %v m", less, half)
	}
}

func TestNearWantsAPlace(t *testing.T) {
	t.Parallel()
	c := parseCondition(t, `{"at": {"$near": {"lat": 0, "lng": 0, "metres": 20015115}}}`)
	for attributes, want := range map[string]bool{
		`{"at": {"lat": 90, "lng": -180, "accuracy": 5}}`: true,
		`{"at": {"lat": "1", "lng": 1}}`:                  false,
		`{"at": {"lat": 1}}`:                              false,
		`{"at": {"lat": 90.5, "lng": 1}}`:                 false,
		`{"at": {"lat": 1, "lng": 181}}`:                  false,
		`{"at": [1, 1]}`:                                  false,
		`{"at": null}`:                                    false,
		`{}`:                                              false,
	} {
		if got := c.Matches(readAttributes(t, attributes)); got != want {
			t.Errorf("%s: %v", attributes, got)
		}
	}
}

func TestNearLaws(t *testing.T) {
	t.Parallel()
	lat, lng := rapid.Float64Range(-90, 90), rapid.Float64Range(-180, 180)
	rapid.Check(t, func(rt *rapid.T) {
		aLat, aLng := lat.Draw(rt, "lat"), lng.Draw(rt, "lng")
		bLat, bLng := lat.Draw(rt, "to lat"), lng.Draw(rt, "to lng")
		metres := rapid.Float64Range(0, 20015115).Draw(rt, "metres")
		near := nearTo(t, aLat, aLng, metres, bLat, bLng)
		if near != nearTo(t, bLat, bLng, metres, aLat, aLng) {
			rt.Fatal("nearness is not mutual")
		}
		if near && !nearTo(t, aLat, aLng, 20015115, bLat, bLng) {
			rt.Fatal("a wider circle holds less")
		}
		if !nearTo(t, aLat, aLng, 20015115, bLat, bLng) {
			rt.Fatal("further apart than half the earth's circumference")
		}
	})
}
