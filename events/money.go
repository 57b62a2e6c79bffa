package events

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in the minor unit of its currency (fen, cents, yen), so
// that sums are exact.
type Money int64

// Currency is an ISO 4217 code such as CNY.
type Currency string

// Valid reports whether c looks like an ISO 4217 code: three capital letters.
func (c Currency) Valid() bool {
	if len(c) != 3 {
		return false
	}
	for i := range len(c) {
		if c[i] < 'A' || c[i] > 'Z' {
			return false
		}
	}
	return true
}

// Known reports whether c is one of the currencies that ISO 4217 lists (of 2025,
// without its codes for metals, funds of account and tests). A valid code that
// is not known is kept as it is where it is stored already, or where it only
// tells amounts apart that are not the shop's.
func (c Currency) Known() bool {
	const listed = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV " +
		"BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK " +
		"DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL " +
		"HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT " +
		"LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR " +
		"MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF " +
		"SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP " +
		"TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG " +
		"XOF XPF YER ZAR ZMW ZWG "
	return c.Valid() && strings.Contains(listed, string(c)+" ")
}

// Decimals is the number of digits of c's minor unit: 2 but for the
// exceptions of ISO 4217.
func (c Currency) Decimals() int {
	switch c {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// Format writes m as a decimal in c's major unit, such as "12.50".
func (c Currency) Format(m Money) string {
	d := c.Decimals()
	if d == 0 {
		return strconv.FormatInt(int64(m), 10)
	}
	sign, digits := "", strconv.FormatInt(int64(m), 10)
	if m < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= d {
		digits = strings.Repeat("0", d+1-len(digits)) + digits
	}
	return sign + digits[:len(digits)-d] + "." + digits[len(digits)-d:]
}

// Amount reads a decimal in c's major unit exactly, never through a float:
// "12.5" of CNY is 1250. More decimals than the currency has, unless they are
// zeros, and amounts beyond 64 bits are refused.
func (c Currency) Amount(decimal string) (Money, error) {
	n, err := parseDecimal(decimal)
	if err != nil {
		return 0, err
	}
	return n.in(c)
}

// wireAmount is the text of an amount as an event carries it: a JSON number or
// a string that holds one. It is read only when its field's name is known.
type wireAmount string

// UnmarshalJSON implements json.Unmarshaler.
func (a *wireAmount) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, (*string)(a))
	}
	*a = wireAmount(b)
	return nil
}

// price reads an optional amount that must not be negative.
func price(field string, a *wireAmount, c Currency) (Money, error) {
	if a == nil {
		return 0, nil
	}
	m, err := c.Amount(string(*a))
	if err != nil {
		return 0, within(field, err)
	}
	if m < 0 {
		return 0, &Invalid{Field: field, Problem: "must not be negative, got " + c.Format(m)}
	}
	return m, nil
}

// decimal is an exact decimal number: digits × 10^exp.
type decimal struct {
	negative bool
	digits   string // no leading or trailing zero; empty for 0
	exp      int
}

// maxDecimalBytes bounds what one amount may make us read.
const maxDecimalBytes = 64

func parseDecimal(s string) (decimal, error) {
	bad := func() (decimal, error) {
		return decimal{}, &Invalid{Problem: fmt.Sprintf("must be a decimal number, got %q", Clip(s))}
	}
	if len(s) == 0 || len(s) > maxDecimalBytes {
		return bad()
	}
	var d decimal
	rest := s
	if rest[0] == '-' || rest[0] == '+' {
		d.negative, rest = rest[0] == '-', rest[1:]
	}
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		e, err := strconv.Atoi(rest[i+1:])
		if err != nil || e < -99 || e > 99 {
			return bad()
		}
		d.exp, rest = e, rest[:i]
	}
	whole, frac, _ := strings.Cut(rest, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return bad()
	}
	d.exp -= len(frac)
	digits = strings.TrimLeft(digits, "0")
	d.digits = strings.TrimRight(digits, "0")
	d.exp += len(digits) - len(d.digits)
	if d.digits == "" {
		d.negative, d.exp = false, 0
	}
	return d, nil
}

// in converts d to minor units of c.
func (d decimal) in(c Currency) (Money, error) {
	if d.digits == "" {
		return 0, nil
	}
	shift := d.exp + c.Decimals()
	if shift < 0 {
		return 0, &Invalid{Problem: fmt.Sprintf("must have at most %d decimals in %s, got %d", c.Decimals(), Clip(string(c)), -d.exp)}
	}
	tooLarge := &Invalid{Problem: "is too large"}
	if len(d.digits)+shift > 19 {
		return 0, tooLarge
	}
	u, err := strconv.ParseUint(d.digits+strings.Repeat("0", shift), 10, 64)
	if err != nil || u > math.MaxInt64 {
		return 0, tooLarge
	}
	if d.negative {
		return -Money(u), nil
	}
	return Money(u), nil
}
