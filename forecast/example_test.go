package forecast_test

import (
	"fmt"
	"time"

	"github.com/peakday/peakday/forecast"
)

// A SKU sells ten pieces a day, fifteen times that on Double 11.
func ExampleFit() {
	calendar := forecast.NewCalendar(nil)
	series := &forecast.Series{SKU: "cup", Start: forecast.NewDay(2024, time.September, 1)}
	peak := forecast.NewDay(2024, time.November, 11)
	for day := series.Start; day < forecast.NewDay(2025, time.November, 10); day++ {
		sold := 10.
		if day == peak {
			sold = 150
		}
		series.Sold = append(series.Sold, sold)
	}
	model, err := forecast.Fit(series, calendar, forecast.Options{Horizon: 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range model.Predict(3).Points {
		fmt.Printf("%s about %.0f\n", p.Day, p.Mean)
	}
	// Output:
	// 2025-11-10 about 10
	// 2025-11-11 about 147
	// 2025-11-12 about 10
}

// An order covers the demand's quantile at the service level, less what is
// there, in packs of twelve.
func ExamplePlanSKU() {
	series := &forecast.Series{SKU: "cup", Start: forecast.NewDay(2025, time.June, 1)}
	for range 90 {
		series.Sold = append(series.Sold, 20)
	}
	model, err := forecast.Fit(series, forecast.NewCalendar(nil), forecast.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := model.Predict(10)
	plan := forecast.PlanSKU(f, f.AsOf+1, f.AsOf+10, nil, forecast.Supply{Pack: 12}, 0, forecast.Terms{ServiceLevel: .95})
	fmt.Printf("expected %.0f, order %d, sells out with %.2f\n", plan.Demand.Mean, plan.Order, plan.Sellout)
	// Output:
	// expected 200, order 228, sells out with 0.03
}

func ExampleParseDay() {
	day, err := forecast.ParseDay("2026-11-11")
	fmt.Println(day, err, forecast.NewCalendar(nil).Labels(day))
	_, err = forecast.ParseDay("11/11/2026")
	fmt.Println(err)
	// Output:
	// 2026-11-11 <nil> [{11.11 day 0}]
	// must be a date such as 2026-11-11, between 1970 and 2200, got "11/11/2026"
}
