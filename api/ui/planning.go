package ui

// Alerts is what may sell out before more of it comes.
type Alerts struct {
	AsOf     string
	Currency string
	Rows     []AlertRow
	All      int
}

// AlertRow is a SKU of Alerts.
type AlertRow struct {
	SKU, Category          string
	OnHand, OnOrder, Order int64
	Receipt, Until, Date   string
	Mean, Chance, Cover    float64
	Risk                   string
}

// Accuracy is what past plans and overrides were worth.
type Accuracy struct {
	Plans     []AccuracyRow
	Overrides []OverrideValue
}

// AccuracyRow is a past plan.
type AccuracyRow struct {
	Plan, Event, From, To                                        string
	SKUs                                                         int
	Planned, Sold, Stocking, WAPE, Bias, Within80, Enough, Aimed float64
	LastYear                                                     *float64
}
