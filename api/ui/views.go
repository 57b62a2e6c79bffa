package ui

// Overview is the page at /.
type Overview struct {
	Ready    []string // what the service waits for
	Running  []ExperimentRow
	Others   int // experiments that do not run
	Lag      int64
	Applied  int64
	Dead     int64
	Trending []ItemRow
	Coming   []Sale
}

// ExperimentRow is an experiment in a list.
type ExperimentRow struct {
	Key, Name, Status, Unit, Primary, Since string
	Coverage                                float64
	Variants                                int
}

// ItemRow is an item in a list.
type ItemRow struct {
	Item, Title, Category, Price, Stock string
	Score                               float64
	Source                              string
	Reasons                             []string
}

// Sale is the next sale of an event.
type Sale struct{ Event, Name, From, To string }

// Experiments is the list of experiments, and of holdouts.
type Experiments struct {
	Rows     []ExperimentRow
	Holdouts []HoldoutRow
}

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
	Power                       string  // in words; "" if nothing is known
	Health                      []Check // what else may spoil the comparison
	Breakdown                   []Slice // of the primary metric by segment
	Correction                  string
	Duels                       []Duel
	History                     []Change
}

// Duel is what visitors took of two policies in one list.
type Duel struct {
	First, Second string // policies
	Rows          []DuelRow
}

// DuelRow counts visitors by what they clicked, or bought.
type DuelRow struct {
	By                  string
	First, Second, Tied int64
	Decided             bool    // anybody
	Preference          float64 // share for the second
	Low, High, P        float64
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

// Slice is a variant's effect on the primary metric in one segment.
type Slice struct {
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

// Recommendations is what a user would be shown.
type Recommendations struct {
	User, Placement, Category, Region string
	Asked                             bool
	Policy, Model                     string
	Experiment                        string // that chose the policy; "" if none did
	Degraded                          bool
	Items                             []ItemRow
}

// Forecasts is where a SKU is asked for.
type Forecasts struct {
	SKU    string
	SKUs   []string // to choose from
	Coming []Sale
}

// Forecast is a SKU's forecast.
type Forecast struct {
	SKU, Category, Model, AsOf string
	Horizon                    int
	Chart                      Chart
	Days                       []Day
	Total                      float64
	Said                       string // of a planner's override
	Lost                       []Lost
}

// Day is a day of a forecast.
type Day struct {
	Date, Weekday                   string
	Events                          []string
	Presale                         string // what deposits or today's sales changed
	Mean, Q025, Q10, Q50, Q90, Q975 float64
}

// StockPlans is the form of a plan.
type StockPlans struct {
	Sales                                         []Sale
	Event, SKUs, From, To, Service, Budget, Error string
	Currency                                      string
	Made                                          []MadePlan // the newest first
}

// MadePlan is a plan that was made.
type MadePlan struct{ ID, Created, Event, From, To string }

// StockPlan is a plan.
type StockPlan struct {
	ID, Event, From, To, AsOf, Created, Currency string
	Items                                        []PlanRow
	Order                                        int64
	Short                                        int
	Under, Over, Budget, Spent                   string
	Categories                                   []CategoryRow
	Transfers                                    []TransferRow
	Unknown                                      []string // SKUs of the request that are not in the plan
	Shown                                        int      // rows on the page
	All                                          int
}

// PlanRow is a SKU of a plan.
type PlanRow struct {
	SKU, Category                            string
	Before, Mean, Q10, Q90                   float64 // demand until the window, and in it
	OnHand                                   string
	OnOrder, Target, Safety, Reorder, Amount int64
	Service, Without, With                   float64
	Arrives                                  string
	Late, Limited                            bool
	Under, Over, Cover, By                   string
}

// CategoryRow is a category of a plan.
type CategoryRow struct {
	Name            string
	SKUs            int
	Demand          float64
	OnHand, Order   int64
	Cover, Turnover string
}

// TransferRow moves pieces between regions.
type TransferRow struct {
	SKU, From, To string
	Quantity      int64
}

// Login is the form of a login.
type Login struct{ Next, Error string }

// Failure is a page that could not be shown.
type Failure struct {
	Status    int
	Title     string
	Detail    string
	RequestID string
}

// Docs lists the surface.
type Docs struct {
	Groups   []Group
	Problems []Problem
}

// Group is the operations of one tag.
type Group struct {
	Name, Text string
	Operations []Operation
}

// Operation is a route.
type Operation struct{ Method, Path, Summary, Text, Scopes, Query string }

// Problem is a code.
type Problem struct {
	Code   string
	Status int
	Title  string
}
