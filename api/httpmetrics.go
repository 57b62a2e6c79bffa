package api

import (
	"cmp"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters are the metrics of HTTP. Labels come from closed sets: patterns of
// routes, methods, classes of status. No id of a user or an item is ever one.
type meters struct {
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMeters(registry *prometheus.Registry) (*meters, error) {
	m := &meters{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "peakday_http_request_duration_seconds",
			Help:    "How long requests took, by pattern of the route, method and class of status.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},

			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  160,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"route", "method", "code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "peakday_http_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
	}
	for _, c := range []prometheus.Collector{m.took, m.inFlight} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of HTTP: %w", err)
		}
	}
	return m, nil
}

// meter is a route's own part of the metrics, by class of status, so that a
// request looks up no label. A series begins with its first request.
type meter struct {
	of      *meters
	labels  [2]string
	classes [6]atomic.Pointer[prometheus.Observer]
}

func (m *meters) of(r *route) *meter {
	return &meter{of: m, labels: [2]string{r.pattern, cmp.Or(r.method, "any")}}
}

func (m *meter) observe(status int, took time.Duration) {
	class := status / 100
	if class < 1 || class >= len(m.classes) {
		class = 5
	}
	o := m.classes[class].Load()
	if o == nil {
		made := m.of.took.WithLabelValues(m.labels[0], m.labels[1], strconv.Itoa(class)+"xx")
		o = &made
		m.classes[class].Store(o)
	}
	(*o).Observe(took.Seconds())
}

// prometheusMetrics answers what a Prometheus server scrapes; the native
// histograms are in the answer to one that asks for protobuf.
func prometheusMetrics(x *exchange) error {
	promhttp.HandlerFor(x.Metrics, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4}).ServeHTTP(x, x.r)
	return nil
}
