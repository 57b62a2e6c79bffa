package events

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Ids from outside. Each is 1 to 256 bytes of UTF-8 without control characters.
type (
	// UserID names a customer of the shop.
	UserID string
	// UnitID names what an experiment randomises; its kind stands beside it.
	UnitID string
	// ItemID names a product as a visitor sees it (product_id).
	ItemID string
	// SKU names a stock-keeping unit of a product.
	SKU string
	// OrderID names an order.
	OrderID string
)

// UnitKind says what sort of thing a unit is.
type UnitKind string

// The unit kinds that events may name.
const (
	User    UnitKind = "user"
	Device  UnitKind = "device"
	Session UnitKind = "session"
	Team    UnitKind = "team"
	Shop    UnitKind = "shop"
	Region  UnitKind = "region"

	// AnyUnit is the kind of a unit that an event names without saying what
	// it is (an exposure, a bare metric.observed): whoever reads the fact
	// knows the kind from the experiment or the metric.
	AnyUnit UnitKind = "unit"
)

// UnitKinds lists the kinds that `units` may name, in the order in which
// routing visits them.
func UnitKinds() []UnitKind { return []UnitKind{User, Device, Session, Team, Shop, Region} }

// Valid reports whether k is one of UnitKinds.
func (k UnitKind) Valid() bool {
	switch k {
	case User, Device, Session, Team, Shop, Region:
		return true
	}
	return false
}

// Unit is one thing that can be assigned a variant: a user, a device, a team …
type Unit struct {
	Kind UnitKind
	ID   UnitID
}

const maxIDBytes = 256

// CheckID reports why s cannot be an id from outside, naming field.
func CheckID(field, s string) error {
	switch {
	case s == "":
		return &Invalid{Field: field, Problem: "is required"}
	case len(s) > maxIDBytes:
		return &Invalid{Field: field, Problem: fmt.Sprintf("must be at most %d bytes, got %d", maxIDBytes, len(s))}
	case !utf8.ValidString(s):
		return &Invalid{Field: field, Problem: "must be valid UTF-8"}
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return &Invalid{Field: field, Problem: fmt.Sprintf("must not contain control characters, got %q", r)}
		}
	}
	return nil
}

const maxKeyBytes = 64

// CheckKey reports why s cannot be a key that a user of peakday makes up
// (an experiment, a metric, a layer …), naming field.
func CheckKey(field, s string) error {
	ok := len(s) >= 1 && len(s) <= maxKeyBytes
	for i := 0; ok && i < len(s); i++ {
		ok = isKeyByte(s[i])
	}
	if !ok {
		return &Invalid{Field: field, Problem: fmt.Sprintf("must be 1 to %d characters of A-Z a-z 0-9 . _ -, got %q", maxKeyBytes, Clip(s))}
	}
	return nil
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-'
}
