package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// headline says a benchmark's result in a sentence; empty if the run left out
// what it is about.
func headline(benchmark string, v map[string]float64) string {
	switch benchmark {
	case "assign":
		return saying(v, "An experiment is evaluated in %.0f ns; 300 for one visitor take %.0f ns each", "one experiment, a rule and a split, ns an evaluation", "300 experiments, a rule and a split each, ns an evaluation")
	case "ingest":
		return saying(v, "%.0f events/s are accepted durably, %.0f applied exactly once to SQLite", fmt.Sprintf("accepted durably, batches of %d, 8 at a time, events/s", ingestBatch), "applied to SQLite, events/s")
	case "load":
		return saying(v, "%.2f of a bare handler's requests/s for one flag, %.2f for 300", "one flag, ratio", "all of 300 flags, ratio")
	case "stats":
		return statsHeadline(v)
	case "report":
		return reportHeadline(v)
	case "ann":
		return annHeadline(v)
	case "recommend":
		return saying(v, "p99 %.1f ms in the large shop, at %.0f requests/s; the small one answers %.0f requests/s on a core", "large.learned.p99_ms", "large.learned.rps", "small.learned.rps")
	case "evaluate":
		return evaluateHeadline(v)
	case "forecast":
		return forecastHeadline(v)
	case "forecast-speed":
		return saying(v, "%.1f ms a daily series of 1,900 values, Prophet %.0f ms; the many SKUs take %.0f s", "m5_total_daily/peakday/cpu_ms", "m5_total_daily/prophet/cpu_ms", "many/full/seconds")
	case "plan":
		return saying(v, "Stocking accuracy %.3f as of 1 November, last year × growth %.3f; targets at .90 hold in %.3f", "accuracy 11-01 01:00", "last year 11-01 01:00", "enough 11-01 01:00")
	}
	return ""
}

// saying fills the values in; empty if one is missing.
func saying(v map[string]float64, format string, keys ...string) string {
	args := make([]any, len(keys))
	for i, key := range keys {
		x, ok := v[key]
		if !ok {
			return ""
		}
		args[i] = x
	}
	return fmt.Sprintf(format, args...)
}

// span is the least and the largest of the values whose names end so.
func span(v map[string]float64, suffix string) (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for key, x := range v {
		if strings.HasSuffix(key, suffix) {
			low, high, ok = min(low, x), max(high, x), true
		}
	}
	return low, high, ok
}

func statsHeadline(v map[string]float64) string {
	low, high, ok := span(v, ", false positives")
	daily, worst, also := span(v, ", always valid")
	if !ok || !also {
		return ""
	}
	return fmt.Sprintf("No effect is called one in %.1f to %.1f %% of the experiments at one look, in %.1f to %.1f %% at thirty daily ones", 100*low, 100*high, 100*daily, 100*worst)
}

func reportHeadline(v map[string]float64) string {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if what, ok := strings.CutSuffix(key, ", the first of a new process"); ok && strings.HasPrefix(what, "SQLite, a whole report") {
			return saying(v, "A"+strings.TrimPrefix(what, "SQLite, a")+" takes %.0f ms in a new process and %.0f ms when asked again (SQLite)", key, what+", asked again")
		}
	}
	return ""
}

func annHeadline(v map[string]float64) string {
	low, high, ok := math.Inf(1), math.Inf(-1), false
	for key, x := range v {
		if strings.Contains(key, "queries/s at recall@") && strings.HasSuffix(key, ", ratio") {
			low, high, ok = min(low, x), max(high, x), true
		}
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.2f to %.2f times hnswlib's queries/s at recalls of .95 to .99", low, high)
}

func evaluateHeadline(v map[string]float64) string {
	metric, best, of := "", 0.0, ""
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if m, ok := strings.CutPrefix(key, "blend hr@"); ok && metric == "" {
			metric = "hr@" + m
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		name, m, _ := strings.Cut(key, " ")
		if m == metric && name != "blend" && name != "two-tower" && v[key] > best {
			best, of = v[key], name
		}
	}
	if metric == "" || of == "" {
		return ""
	}
	return fmt.Sprintf("%s of the blend %.4f, of the best baseline (%s) %.4f", strings.ToUpper(metric), v["blend "+metric], of, best)
}

// forecastHeadline compares with the best of the methods that forecast all
// series of a family; of counts, absolute errors are least at the median.
func forecastHeadline(v map[string]float64) string {
	ours, others := map[string]float64{}, map[string]float64{}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		family, rest, _ := strings.Cut(key, "/")
		method, metric, _ := strings.Cut(rest, "/")
		switch x := v[key]; {
		case metric != "mase" || strings.Contains(method, " of ") || method == "naive2" || method == "normal":
		case method == "peakday, median", method == "peakday" && ours[family] == 0:
			ours[family] = x
		case method != "peakday" && (others[family] == 0 || x < others[family]):
			others[family] = x
		}
	}
	var parts []string
	for _, family := range slices.Sorted(maps.Keys(others)) {
		parts = append(parts, fmt.Sprintf("%s %.2f", family, ours[family]/others[family]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "MASE relative to the best other method: " + strings.Join(parts, ", ")
}
