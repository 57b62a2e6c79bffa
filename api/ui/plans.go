package ui

// StockPlans is the form of a plan.
type StockPlans struct {
	Sales                                               []Sale
	Event, SKUs, From, To, Service, Over, Budget, Error string
	Currency                                            string
	Made                                                []MadePlan // the newest first
}

// MadePlan is a plan that was made.
type MadePlan struct{ ID, Created, Event, From, To string }

// StockPlan is a plan.
type StockPlan struct {
	ID, Event, From, To, AsOf, Created, Currency string
	Together                                     string // the service level, if it is over the plan
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
