package ui

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
	Override                   string // of a planner's override
	Lost                       []Lost
}

// Day is a day of a forecast.
type Day struct {
	Date, Weekday                   string
	Events                          []string
	Presale                         string // what deposits or today's sales changed
	Mean, Q025, Q10, Q50, Q90, Q975 float64
}

// Lost is a day of a SKU without stock.
type Lost struct {
	Date               string
	Open, Sold, Demand float64
}
