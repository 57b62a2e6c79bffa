package ui

// Overrides lists what planners put in place of forecasts, and what it was worth.
type Overrides struct {
	Form   OverrideForm
	Rows   []OverrideRow // those in force first
	All    int
	Values []OverrideValue
	Added  float64 // forecast value added by all of Values, in pieces
}

// OverrideForm is the form of an override, filled in as it was sent.
type OverrideForm struct {
	SKU, Factor, Quantity, From, To, Expires, Reason, Given, Error string
	Author                                                         string   // if none is given
	Tomorrow                                                       string   // the first day that can be overridden
	SKUs                                                           []string // to choose from
}

// OverrideRow is an override and how it stands.
type OverrideRow struct {
	SKU, Author, Reason, From, To, Change, Made, Expires, Status string
	Model, Planned                                               float64 // pieces without it and with it
	InForce                                                      bool
	Version                                                      int64
}

// OverrideValue is what an override was worth.
type OverrideValue struct {
	SKU, Author, Reason, From, To string
	Model, Planned, Sold, Added   float64
}
