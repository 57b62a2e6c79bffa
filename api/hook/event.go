package hook

import (
	"fmt"
	"sync"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
)

// event is an experiment.exposed as CloudEvents 1.0 writes it.
type event struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	Type        string    `json:"type"`
	Time        time.Time `json:"time"` // when the flag was used
	Data        exposure  `json:"data"`
}

type exposure struct {
	Experiment string         `json:"experiment"`
	Variant    string         `json:"variant"`
	Unit       string         `json:"unit"`
	Version    int64          `json:"version,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// exposureOf reads what peakday says of a flag in its metadata. ok is false for
// a unit that is not enrolled, and for flags of other providers.
func exposureOf(unit openfeature.EvaluationContext, details openfeature.InterfaceEvaluationDetails) (e event, ok bool) {
	m := details.FlagMetadata
	if enrolled, err := m.GetBool("enrolled"); err != nil || !enrolled {
		return e, false
	}
	experiment, err := m.GetString("experiment")
	if err != nil {
		return e, false
	}
	x := exposure{Experiment: experiment, Variant: details.Variant, Unit: unit.TargetingKey(), Attributes: unit.Attributes()}
	if version, err := m.GetFloat("version"); err == nil { // numbers of JSON
		x.Version = int64(version)
	}
	delete(x.Attributes, openfeature.TargetingKey)
	if others, named := x.Attributes["units"].(map[string]any); named {
		kind, _ := m.GetString("unit")
		if id, is := others[kind].(string); is {
			x.Unit = id
		}
		delete(x.Attributes, "units")
	}
	// Sending the same exposure again must add nothing: the id says all of it.
	id := fmt.Sprintf("%s/%d/%s/%s", x.Experiment, x.Version, x.Variant, x.Unit)
	return event{SpecVersion: "1.0", ID: id, Type: "experiment.exposed", Data: x}, x.Unit != ""
}

// recent remembers the ids that were queued lately, in two generations, so that
// a flag in a loop costs one event and memory stays bounded.
type recent struct {
	mu         sync.Mutex
	young, old map[string]struct{}
}

// maxRecent ids make a generation, about 10 MB.
const maxRecent = 50_000

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.young[id]; ok {
		return true
	}
	_, ok := r.old[id]
	return ok
}

func (r *recent) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= maxRecent {
		r.old, r.young = r.young, nil
	}
	if r.young == nil {
		r.young = make(map[string]struct{}, 1024)
	}
	r.young[id] = struct{}{}
}
