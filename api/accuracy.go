package api

import (
	"io"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// getAccuracy says what past plans were worth.
func getAccuracy(x *exchange) error {
	plan, event := x.get("plan"), x.get("event")
	if event != "" {
		if err := events.CheckKey("event", event); err != nil {
			return err
		}
	}
	rows, err := x.Forecasts.Accuracy(x.ctx(), plan, event, x.now())
	if err != nil {
		return err
	}
	return tableOf(x, "accuracy", rows, func(w io.Writer) error {
		if plan != "" && len(rows) == 1 {
			return forecast.WriteAccuracyItems(w, rows[0].Items)
		}
		return forecast.WriteAccuracy(w, rows)
	}, identity[forecast.Accuracy])
}
