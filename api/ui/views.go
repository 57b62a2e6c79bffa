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

// ItemRow is an item in a list.
type ItemRow struct {
	Item, Title, Category, Price, Stock string
	Score                               float64
	Source                              string
	Reasons                             []string
}

// Sale is the next sale of an event.
type Sale struct{ Event, Name, From, To string }

// Recommendations is what a user would be shown.
type Recommendations struct {
	User, Placement, Category, Region string
	Asked                             bool
	Policy, Model                     string
	Experiment                        string // that chose the policy; "" if none did
	Degraded                          bool
	Items                             []ItemRow
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
