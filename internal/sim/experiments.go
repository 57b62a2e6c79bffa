package sim

import (
	"encoding/json"
	"math"
	"time"
)

// Each trial is an experiment whose truth is known. A user's arms say in which
// of them they meet the treatment.
const (
	winner = iota
	null
	harmful
	trials
)

type arms [trials]bool

// What the treatments do, not the same to everybody. The null's does nothing:
// no line of this package reads arms[null].
const (
	oneTapRate = .6 // the share of users who like to pay in one tap
	tapLift    = .9 // more of their visits order, those beyond the usual a single item
	tapLoss    = .2 // fewer visits of the others do

	stallRate = .1 // the share of phones on which a video stalls
	stall     = 4  // times longer than usual such a page takes
)

// orderChance is the chance that a visit orders, of what it would be without the
// treatment.
func (u *user) orderChance(usual float64, a arms) float64 {
	switch {
	case !a[winner]:
		return usual
	case u.prefersOneTap:
		return min(.97, usual*(1+tapLift))
	}
	return usual * (1 - tapLoss)
}

// stalled is how many times longer a page takes under the arms.
func (p phone) stalled(a arms) float64 {
	if a[harmful] && p.stalls {
		return stall
	}
	return 1
}

// trial is the definition of an experiment and how its truth is measured.
type trial struct {
	key        string
	role       string
	name       string
	hypothesis string
	values     [2]string // of control and treatment
	primary    string
	secondary  []string
	guardrails []guardrail
	metric     string                                     // the one that gives the trial its role
	measure    func(s *shop, e *enrolled, a arms) float64 // one unit's value of that metric
}

type guardrail struct {
	Metric string  `json:"metric"`
	Margin float64 `json:"margin"`
}

func newTrials() [trials]trial {
	return [trials]trial{
		winner: {
			key: "one-tap-checkout", role: "winner", name: "One-tap checkout",
			hypothesis: "Paying in one tap makes more visitors order",
			values:     [2]string{"two-steps", "one-tap"},
			primary:    conversion, secondary: []string{"revenue"},
			guardrails: []guardrail{{pageLoad, .15}},
			metric:     conversion, measure: converted,
		},
		null: {
			key: "button-colour", role: "null", name: "Colour of the cart button",
			hypothesis: "A red button makes more visitors fill the cart",
			values:     [2]string{"orange", "red"},
			primary:    addToCart, metric: addToCart, measure: filledCart,
		},
		harmful: {
			key: "autoplay-video", role: "harmful", name: "Video on the product page",
			hypothesis: "A video that plays at once makes more visitors order",
			values:     [2]string{"picture", "video"},
			primary:    conversion,
			guardrails: []guardrail{{pageLoad, .05}},
			metric:     pageLoad, measure: lastLoad,
		},
	}
}

// definition is the trial as PUT /v1/experiments/{key} takes it.
func (t *trial) definition() json.RawMessage {
	type variant struct {
		Key    string  `json:"key"`
		Weight float64 `json:"weight"`
		Value  string  `json:"value"`
	}
	return mustJSON(struct {
		Name       string      `json:"name"`
		Hypothesis string      `json:"hypothesis"`
		Unit       string      `json:"unit"`
		Coverage   float64     `json:"coverage"`
		Variants   []variant   `json:"variants"`
		Primary    string      `json:"primary"`
		Secondary  []string    `json:"secondary,omitempty"`
		Guardrails []guardrail `json:"guardrails,omitempty"`
		Segments   []string    `json:"segments"`
	}{
		t.name, t.hypothesis, "user", 1,
		[]variant{{"control", 1, t.values[0]}, {"treatment", 1, t.values[1]}},
		t.primary, t.secondary, t.guardrails, []string{"tier"},
	})
}

// The metrics that the trials use.
const (
	conversion = "conversion"
	addToCart  = "add_to_cart"
	pageLoad   = "page_load_ms"
)

// metricWindow is how long after first exposure facts count: longer than the
// sale, which cuts it off.
const metricWindow = 14 * 24 * time.Hour

type metric struct {
	key        string
	definition json.RawMessage
}

func newMetrics() []metric {
	def := func(text string) json.RawMessage { return json.RawMessage(text) }
	return []metric{
		{addToCart, def(`{"kind":"proportion","event":"product.added","window":"336h","pre_period":"0h"}`)},
		{conversion, def(`{"kind":"proportion","event":"order.paid","window":"336h"}`)},
		{pageLoad, def(`{"kind":"mean","event":"metric.observed","metric":"page_load_ms","aggregate":"last","window":"336h","pre_period":"0h","direction":"decrease"}`)},
		{"revenue", def(`{"kind":"mean","event":"order.paid","aggregate":"sum","value":"total","window":"336h"}`)},
	}
}

// load is how long a page takes, in milliseconds with one decimal.
func (v *visit) load(a arms) float64 {
	ms := v.user.phone.loadMS * v.user.phone.stalled(a) * math.Exp(.2*v.random.on(ofLoad).normal())
	return math.Round(ms*10) / 10
}
