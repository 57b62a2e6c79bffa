package events

import (
	"encoding/json"
	"maps"
	"slices"
)

// Who names the visitor behind a fact, and the other units it belongs to.
type Who struct {
	User   UserID // user_id; empty for an anonymous visitor
	Device UnitID // anonymous_id
	Others []Unit // of `units`, without those that User and Device already fill
}

// wireWho is how the events spell a Who.
type wireWho struct {
	User   string    `json:"user_id"`
	Device string    `json:"anonymous_id"`
	Units  wireUnits `json:"units"`
}

type wireUnits map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (u *wireUnits) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*map[string]string)(u)) != nil {
		return &Invalid{Field: "units", Problem: `must be an object of ids such as {"team":"t1"}`}
	}
	return nil
}

// Visitor is the unit whose behaviour this is: the user, else the device.
// ok is false for a fact of nobody.
func (w Who) Visitor() (u Unit, ok bool) {
	switch {
	case w.User != "":
		return Unit{User, UnitID(w.User)}, true
	case w.Device != "":
		return Unit{Device, w.Device}, true
	}
	return Unit{}, false
}

func (w Who) units() []Unit {
	var us []Unit
	if w.User != "" {
		us = append(us, Unit{User, UnitID(w.User)})
	}
	if w.Device != "" {
		us = append(us, Unit{Device, w.Device})
	}
	return append(us, w.Others...)
}

// who checks the ids and sorts `units` by kind; user_id and anonymous_id win
// over what `units` says of the same kinds.
func (w wireWho) who() (Who, error) {
	out := Who{User: UserID(w.User), Device: UnitID(w.Device)}
	for _, kind := range slices.Sorted(maps.Keys(w.Units)) {
		id := w.Units[kind]
		if !UnitKind(kind).Valid() {
			return out, &Invalid{Field: "units", Problem: "must name user, device, session, team, shop or region, got " + quote(kind)}
		}
		if err := CheckID("units."+kind, id); err != nil {
			return out, err
		}
		switch {
		case kind == string(User) && out.User == "":
			out.User = UserID(id)
		case kind == string(Device) && out.Device == "":
			out.Device = UnitID(id)
		}
	}
	for _, kind := range UnitKinds() {
		if id, named := w.Units[string(kind)]; named && kind != User && kind != Device {
			out.Others = append(out.Others, Unit{kind, UnitID(id)})
		}
	}
	return out, checkOptionalIDs("user_id", string(out.User), "anonymous_id", string(out.Device))
}

// someone is who, and refuses a fact of nobody.
func (w wireWho) someone() (Who, error) {
	out, err := w.who()
	if err != nil {
		return out, err
	}
	if out.User == "" && out.Device == "" {
		return out, &Invalid{Field: "user_id", Problem: "or anonymous_id is required"}
	}
	return out, nil
}

// checkOptionalIDs takes pairs of field and value and checks those that are set.
func checkOptionalIDs(pairs ...string) error {
	for p := range slices.Chunk(pairs, 2) {
		if p[1] == "" {
			continue
		}
		if err := CheckID(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}
