package forecast

import (
	"encoding/json"
	"fmt"

	"github.com/peakday/peakday/events"
)

// decimal is an amount as it stands in JSON, a number or a string that holds
// one; it is never read through a float.
type decimal string

func (d *decimal) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(d))
	}
	*d = decimal(b)
	return nil
}

func (d decimal) amount(field string, c events.Currency, into *events.Money) error {
	if d == "" {
		return nil
	}
	m, err := c.Amount(string(d))
	if err != nil {
		return &events.Invalid{Field: field, Problem: err.Error()}
	}
	if m < 0 || m > maxAmount {
		return &events.Invalid{Field: field, Problem: fmt.Sprintf("must be 0 to %s, got %s", c.Format(maxAmount), events.Clip(string(d)))}
	}
	*into = m
	return nil
}
