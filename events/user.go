package events

import "encoding/json"

// Traits is what a shop tells about a user: tier, birthday, city …
type Traits struct {
	User       UserID
	Attributes map[string]any
}

func (t *Traits) units() []Unit { return []Unit{{User, UnitID(t.User)}} }

func readTraits(data json.RawMessage, _ Type, _ Currency) (Data, error) {
	var w struct {
		User       string         `json:"user_id"`
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("user_id", w.User); err != nil {
		return nil, err
	}
	if len(w.Attributes) == 0 {
		return nil, &Invalid{Field: "attributes", Problem: "is required"}
	}
	return &Traits{UserID(w.User), w.Attributes}, nil
}

// Identity links a device to the user who signed in on it, from then on.
type Identity struct {
	Device UnitID
	User   UserID
}

func (i *Identity) units() []Unit { return []Unit{{User, UnitID(i.User)}, {Device, i.Device}} }

func readIdentity(data json.RawMessage, _ Type, _ Currency) (Data, error) {
	var w struct {
		Device string `json:"anonymous_id"`
		User   string `json:"user_id"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("anonymous_id", w.Device); err != nil {
		return nil, err
	}
	if err := CheckID("user_id", w.User); err != nil {
		return nil, err
	}
	return &Identity{UnitID(w.Device), UserID(w.User)}, nil
}

// Coupon says that a user got a coupon or used it.
type Coupon struct {
	User   UserID
	Coupon string
	Value  Money
}

func (c *Coupon) units() []Unit { return []Unit{{User, UnitID(c.User)}} }

func readCoupon(data json.RawMessage, _ Type, shop Currency) (Data, error) {
	var w struct {
		User   string      `json:"user_id"`
		Coupon string      `json:"coupon"`
		Value  *wireAmount `json:"value"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := CheckID("user_id", w.User); err != nil {
		return nil, err
	}
	if err := CheckID("coupon", w.Coupon); err != nil {
		return nil, err
	}
	value, err := price("value", w.Value, shop)
	return &Coupon{UserID(w.User), w.Coupon, value}, err
}
