package forecast

// Event is a recurring event of the calendar: Double 11, New Year … Its dates
// are data, year by year.
type Event struct {
	Key         string       `json:"event"` // as in 11.11
	Name        string       `json:"name,omitempty"`
	Occurrences []Occurrence `json:"occurrences"` // one a year, the oldest first; none for a built-in event: its own

	// Disabled says that the event does not apply to this shop: its days are
	// ordinary ones.
	Disabled bool `json:"disabled,omitempty"`

	// Presale is what to believe of its presales until the shop has seen some.
	Presale *PresalePrior `json:"presale,omitempty"`

	Version int64 `json:"version"`
}

// Occurrence is an event in one year.
type Occurrence struct {
	Year   int     `json:"year"`
	Phases []Phase `json:"phases"`
}

// Phase is a window of days within an occurrence. Windows may overlap, within
// an event and between events.
type Phase struct {
	Phase string `json:"phase"` // a key; the built-in events use the constants below
	From  Day    `json:"from"`
	To    Day    `json:"to"` // the last day of the window

	// Uplift is how many times a normal day a planner expects one day of this
	// phase to sell. It is used as long as no earlier occurrence was seen; 0
	// says nothing.
	Uplift float64 `json:"uplift,omitempty"`
}

// The phases of the built-in events.
const (
	PhasePresale = "presale" // the presale opens
	PhaseDeposit = "deposit" // deposits are paid
	PhaseBalance = "balance" // balances are paid
	PhaseWarmup  = "warmup"  // the days before the day
	PhaseDay     = "day"     // the day itself
	PhaseReturns = "returns" // the days after, when goods come back

	PhaseGifts        = "gifts"          // the days before a festival
	PhaseHoliday      = "holiday"        // days off
	PhaseMakeUpBefore = "make-up-before" // weekend days that are worked for a holiday to come
	PhaseMakeUpAfter  = "make-up-after"  // and for one that is over
)
