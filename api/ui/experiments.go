package ui

// Experiments is the list of experiments, and of holdouts.
type Experiments struct {
	Rows     []ExperimentRow
	Holdouts []HoldoutRow
}

// ExperimentRow is an experiment in a list.
type ExperimentRow struct {
	Key, Name, Status, Unit, Primary, Since string
	Coverage                                float64
	Variants                                int
}

// Experiment is the report of one.
type Experiment struct {
	ExperimentRow
	Hypothesis, Audience, Layer string
	Segment                     string // "" for all units
	Segments                    []string
	Verdict, VerdictText        string
	Reasons                     []string
	Warnings                    []string
	Arms                        []Arm
	SampleRatio                 string
	SampleRatioStatus           string
	Flicker, TooLate            int64
	Metrics                     []Metric
	Confidence                  float64 // of the intervals
	Bots                        string  // exclude or only; "" for all units
	Mature                      bool
	Power                       string          // in words; "" if nothing is known
	Health                      []Check         // what else may spoil the comparison
	Breakdown                   []SegmentEffect // of the primary metric by segment
	Correction                  string
	Interleavings               []Interleaving
	History                     []Change
}

// Arm is a variant with its units.
type Arm struct {
	Variant string
	Control bool
	Share   float64 // of the units, as planned
	Units   int64
}

// Metric is a metric of a report.
type Metric struct {
	Name, Kind, Role string
	State            string // "" when fresh
	Steps            []FunnelStep
	Control          float64
	Results          []Result
}

// Result is a variant beside control.
type Result struct {
	Variant  string
	Units    int64
	Mean     float64
	Absolute Interval
	Relative Interval
	PValue   float64
	Method   string
	Problem  string
	Bar      Bar
	Always   Interval // absolute, always valid
	AlwaysP  float64
	Chance   float64 // to win; NaN if unknown
	Margin   string  // how it stands to a guardrail's margin
	Line     Line    // of the absolute difference, day by day
}

// Check is a line of the health of an experiment.
type Check struct{ Name, Text, Status string }

// SegmentEffect is a variant's effect on the primary metric in one segment.
type SegmentEffect struct {
	Segment, Variant string
	Units            int64
	Relative         Interval
	Bar              Bar
}

// FunnelStep is a step of a funnel in each variant, as shares of all units.
type FunnelStep struct {
	Name   string
	Shares []float64 // in the order of the arms
}

// Interval is an estimate with its bounds; Known is false where there is none.
type Interval struct {
	Known               bool
	Estimate, Low, High float64
}

// Change is a line of a history.
type Change struct {
	Version            int64
	At, Author, Action string
}

// Interleaving is what visitors took of two policies in one list.
type Interleaving struct {
	First, Second string // policies
	Rows          []InterleavingRow
}

// InterleavingRow counts visitors by what they clicked, or bought.
type InterleavingRow struct {
	By                  string
	First, Second, Tied int64
	Decided             bool    // anybody
	Preference          float64 // share for the second
	Low, High, P        float64
}
