package ui

// WhatIf is a question about a SKU, as it was asked, and the answer.
type WhatIf struct {
	SKU, Event, From, To, Price, Discount, Uplift, Low, High, Experiment string

	Sales    []Sale   // to choose the days from
	SKUs     []string // to choose from
	Currency string
	Error    string
	Answer   *WhatIfAnswer // nil before anything is asked
}

// WhatIfAnswer is the forecast beside a scenario: the first of two is as it is,
// the second as it would be.
type WhatIfAnswer struct {
	SKU, From, To, AsOf       string
	Elasticity                string // of demand to price, with its standard deviation
	Extrapolated              bool   // beyond the prices that the SKU has sold at
	Demand                    [2]Demand
	Stock                     [2]int64 // that reaches the service level
	Prices, Revenues, Margins [2]string
	Revenue, Margin           float64 // relative changes
	PriceKnown, CostKnown     bool
}

// Demand is the demand of some days together, in pieces.
type Demand struct{ Mean, Q10, Q90 float64 }

// Change is the relative change of the mean demand.
func (a *WhatIfAnswer) Change() float64 { return a.Demand[1].Mean/a.Demand[0].Mean - 1 }

// More is how many more pieces have to be there.
func (a *WhatIfAnswer) More() float64 { return float64(a.Stock[1] - a.Stock[0]) }
