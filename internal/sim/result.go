package sim

// Result is what the service answered beside the truth. Its JSON is that of
// `peakday demo --once --json`.
type Result struct {
	Seed        uint64             `json:"seed"`
	Events      EventCounts        `json:"events"`
	Experiments []ExperimentResult `json:"experiments"`
	Recommend   RecommendScore     `json:"recommend"`
	Forecast    ForecastScore      `json:"forecast"`
	StockPlan   PlanScore          `json:"stock_plan"`
	Seconds     float64            `json:"seconds"` // of the clock on the wall
	Sent        Sent               `json:"-"`
}

// EventCounts are the records that the service has consumed.
type EventCounts struct {
	Consumed   int64 `json:"consumed"`
	Duplicates int64 `json:"duplicates"` // dropped when they were applied
	Dead       int64 `json:"dead"`
}

// ExperimentResult is the report of an experiment on the metric that gives it
// its role: an absolute difference with its fixed-horizon 95 % interval.
type ExperimentResult struct {
	Key      string  `json:"key"`
	Role     string  `json:"role"` // winner, null or harmful
	Metric   string  `json:"metric"`
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Truth    float64 `json:"truth"` // for each enrolled unit
	Verdict  string  `json:"verdict"`
}

// RecommendScore is how well the service ranked what users looked at next.
type RecommendScore struct {
	RecallOfExact *float64 `json:"recall_of_exact@50"` // null if nobody measured it
	NDCG          float64  `json:"ndcg@10"`
	Popularity    float64  `json:"popularity_ndcg@10"`
	P99           float64  `json:"p99_ms"`
}

// ForecastScore is the forecast of the sale's days against what was wanted.
type ForecastScore struct {
	WAPE       float64 `json:"wape"`
	Naive      float64 `json:"seasonal_naive_wape"`
	Coverage80 float64 `json:"coverage_80"` // share of days within the 80 % interval
}

// PlanScore is the stock plan against what was sold.
type PlanScore struct {
	SKUs          int     `json:"skus"`
	Short         int     `json:"short"` // would have run out with what the plan orders
	Accuracy      float64 `json:"accuracy"`
	NaiveAccuracy float64 `json:"naive_accuracy"`
}
