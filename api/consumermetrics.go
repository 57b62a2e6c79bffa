package api

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// consumerCollector shows Prometheus how far events have been applied: what GET
// /v1/consumers says, for alerts.
type consumerCollector struct {
	*Services
	lag, applied, duplicates, dead, unknown, newest *prometheus.Desc
}

func newConsumerCollector(s *Services) *consumerCollector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("peakday_consumer_"+name, help, []string{"partition"}, nil)
	}
	return &consumerCollector{
		Services:   s,
		lag:        desc("lag_records", "Records that wait to be applied."),
		applied:    desc("applied_records_total", "Records that were applied."),
		duplicates: desc("duplicate_records_total", "Records that were dropped because they had been applied before."),
		dead:       desc("dead_records_total", "Records that were set aside as dead letters, replayed ones included."),
		unknown:    desc("unknown_records_total", "Applied records of types that are not known."),
		newest:     desc("newest_event_timestamp_seconds", "Time of the newest event that was applied."),
	}
}

// Describe implements prometheus.Collector.
func (p *consumerCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.lag, p.applied, p.duplicates, p.dead, p.unknown, p.newest} {
		out <- d
	}
}

// Collect implements prometheus.Collector. While the database is away these
// metrics are absent and the others stay.
func (p *consumerCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	all, err := p.Services.applied(ctx)
	if err != nil {
		p.Logger.Warn("the metrics of the consumer are left out", "error", err)
		return
	}
	for _, at := range all {
		label := strconv.Itoa(at.Partition)
		count := func(d *prometheus.Desc, n int64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), label)
		}
		out <- prometheus.MustNewConstMetric(p.lag, prometheus.GaugeValue, float64(at.Lag), label)
		count(p.applied, at.Applied)
		count(p.duplicates, at.Duplicates)
		count(p.dead, at.Dead)
		count(p.unknown, at.Unknown)
		if at.AsOf != nil {
			out <- prometheus.MustNewConstMetric(p.newest, prometheus.GaugeValue, float64(at.AsOf.UnixMilli())/1000, label)
		}
	}
}
