package ui

// HoldoutRow is a holdout in a list.
type HoldoutRow struct {
	Key, Name, Unit string
	Share           float64 // 0: it has ended
}

// Holdout is the report of one.
type Holdout struct {
	HoldoutRow
	Standing          bool
	Since, Until      string
	Bots              string // exclude or only; "" for all units
	Waiting           string // why there is no report yet; "" when there is one
	Warnings          []string
	Metrics           []Metric
	Arms              []Arm
	Confidence        float64
	Correction        string
	SampleRatio       string
	SampleRatioStatus string
	LeftOut           int64
	Health            []Check
	Launches          []Launch
}

// Launch is an experiment that a holdout keeps units from.
type Launch struct{ Experiment, Status, Started, Shipped string }
