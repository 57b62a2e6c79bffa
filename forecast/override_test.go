package forecast

import (
	"math"
	"testing"
	"time"
)

func TestAnOverrideHoldsUntilItExpires(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	now := at(t, desk.Zone, "2025-10-20 12:00")
	first, expires := NewDay(2025, time.October, 22), now.Add(time.Hour)
	mean := func(now time.Time) float64 {
		t.Helper()
		fs, err := desk.Forecast(t.Context(), Query{SKU: "s4", Horizon: 7}, now)
		if err != nil {
			t.Fatal(err)
		}
		return fs[0].Sum(first, first+1).Mean
	}
	plain := mean(now)
	m.said = []Override{{SKU: "s4", Author: "li", Reason: "live stream", From: first, To: first + 1, Factor: 3, Expires: &expires, Version: 1}}
	if got := mean(now); math.Abs(got/plain-3) > 1e-9 {
		t.Errorf("%g with an override of three times %g", got, plain)
	}
	if got := mean(expires); got != plain {
		t.Errorf("%g when it has expired, %g without it", got, plain)
	}
	pieces := 100.
	m.said = append(m.said, Override{SKU: "s4", Author: "wu", Reason: "no stream", From: first, To: first + 1, Total: &pieces, Version: 2})
	if got := mean(now); math.Abs(got-100) > 1e-9 {
		t.Errorf("%g, 100 pieces were said last", got)
	}
}
