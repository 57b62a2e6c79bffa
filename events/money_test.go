package events

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		currency Currency
		decimal  string
		want     Money
		problem  string // part of it; empty if the amount is good
	}{
		{"whole", "CNY", "12", 1200, ""},
		{"one decimal", "CNY", "12.5", 1250, ""},
		{"two decimals", "CNY", "12.34", 1234, ""},
		{"what a float cannot hold", "CNY", "0.29", 29, ""},
		{"nor this", "CNY", "1.15", 115, ""},
		{"more digits than a float has", "CNY", "90071992547409.93", 9007199254740993, ""},
		{"zeros behind", "CNY", "12.500000", 1250, ""},
		{"zeros before", "CNY", "0000012.5", 1250, ""},
		{"no whole part", "CNY", ".5", 50, ""},
		{"no fraction", "CNY", "5.", 500, ""},
		{"plus", "CNY", "+5", 500, ""},
		{"minus", "CNY", "-0.01", -1, ""},
		{"zero", "CNY", "0", 0, ""},
		{"minus zero", "CNY", "-0.00", 0, ""},
		{"zero with many decimals", "CNY", "0.0000000000", 0, ""},
		{"zero with an exponent", "CNY", "0e99", 0, ""},
		{"exponent", "CNY", "1.25e1", 1250, ""},
		{"exponent with sign", "CNY", "1E+2", 10000, ""},
		{"negative exponent", "CNY", "1250e-2", 1250, ""},
		{"negative exponent on zeros", "CNY", "12500e-4", 125, ""},

		{"yen", "JPY", "980", 980, ""},
		{"yen with zeros", "JPY", "980.00", 980, ""},
		{"dinar", "KWD", "1.234", 1234, ""},
		{"unidad de fomento", "CLF", "1.2345", 12345, ""},
		{"half a yen", "JPY", "980.5", 0, "must have at most 0 decimals in JPY, got 1"},
		{"too fine for a dinar", "KWD", "1.2345", 0, "must have at most 3 decimals in KWD, got 4"},
		{"tenths of a fen", "CNY", "0.001", 0, "must have at most 2 decimals in CNY, got 3"},
		{"a float's noise", "CNY", "0.30000000000000004", 0, "at most 2 decimals"},
		{"tiny", "CNY", "1e-99", 0, "at most 2 decimals"},

		{"the largest", "CNY", "92233720368547758.07", math.MaxInt64, ""},
		{"the least", "CNY", "-92233720368547758.07", -math.MaxInt64, ""},
		{"one more than the largest", "CNY", "92233720368547758.08", 0, "is too large"},
		{"twenty digits", "CNY", "99999999999999999999", 0, "is too large"},
		{"huge", "CNY", "1e99", 0, "is too large"},
		{"the largest yen", "JPY", "9223372036854775807", math.MaxInt64, ""},

		{"empty", "CNY", "", 0, "must be a decimal number"},
		{"only a point", "CNY", ".", 0, "must be a decimal number"},
		{"only a sign", "CNY", "-", 0, "must be a decimal number"},
		{"two signs", "CNY", "--5", 0, "must be a decimal number"},
		{"two points", "CNY", "1.2.3", 0, "must be a decimal number"},
		{"comma", "CNY", "1,50", 0, "must be a decimal number"},
		{"blank", "CNY", " 5", 0, "must be a decimal number"},
		{"currency sign", "CNY", "¥5", 0, "must be a decimal number"},
		{"hexadecimal", "CNY", "0x10", 0, "must be a decimal number"},
		{"underscore", "CNY", "1_000", 0, "must be a decimal number"},
		{"not a number", "CNY", "NaN", 0, "must be a decimal number"},
		{"infinite", "CNY", "Inf", 0, "must be a decimal number"},
		{"wide digits", "CNY", "１２", 0, "must be a decimal number"},
		{"no exponent", "CNY", "1e", 0, "must be a decimal number"},
		{"two exponents", "CNY", "1e2e3", 0, "must be a decimal number"},
		{"exponent out of range", "CNY", "1e100", 0, "must be a decimal number"},
		{"fraction of an exponent", "CNY", "1e1.5", 0, "must be a decimal number"},
		{"too long", "CNY", strings.Repeat("0", 65), 0, "must be a decimal number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.currency.Amount(c.decimal)
			checkProblem(t, err, "", c.problem)
			if got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency Currency
		money    Money
		want     string
	}{
		{"CNY", 0, "0.00"},
		{"CNY", 5, "0.05"},
		{"CNY", -5, "-0.05"},
		{"CNY", 50, "0.50"},
		{"CNY", 1250, "12.50"},
		{"CNY", -1250, "-12.50"},
		{"JPY", 980, "980"},
		{"JPY", -980, "-980"},
		{"KWD", 1, "0.001"},
		{"CLF", 12345, "1.2345"},
		{"CNY", math.MaxInt64, "92233720368547758.07"},
		{"CNY", math.MinInt64, "-92233720368547758.08"},
	} {
		if got := c.currency.Format(c.money); got != c.want {
			t.Errorf("%s.Format(%d) = %q, want %q", c.currency, c.money, got, c.want)
		}
	}
}

func anyCurrency() *rapid.Generator[Currency] {
	return rapid.SampledFrom([]Currency{"CNY", "JPY", "KWD", "CLF", "EUR", "XYZ"})
}

func TestAmountReadsWhatFormatWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		m := Money(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "money"))
		text := c.Format(m)
		got, err := c.Amount(text)
		if err != nil || got != m {
			t.Fatalf("%s of %s is %d, %v; want %d", text, c, got, err, m)
		}
	})
}

// A JSON number and a string that holds it mean the same.
func TestAmountsInJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, json string
		want       Money
		problem    string
	}{
		{"number", `{"price": 12.5}`, 1250, ""},
		{"string", `{"price": "12.5"}`, 1250, ""},
		{"number with exponent", `{"price": 1.25e1}`, 1250, ""},
		{"string with an escape", `{"price": "\u0031.5"}`, 150, ""},
		{"null", `{"price": null}`, 0, ""},
		{"absent", `{}`, 0, ""},
		{"minus zero", `{"price": -0.0}`, 0, ""},
		{"negative", `{"price": -1}`, 0, "must not be negative, got -1.00"},
		{"word", `{"price": "free"}`, 0, `must be a decimal number, got "free"`},
		{"empty", `{"price": ""}`, 0, "must be a decimal number"},
		{"true", `{"price": true}`, 0, `must be a decimal number, got "true"`},
		{"object", `{"price": {"amount": 1}}`, 0, "must be a decimal number"},
		{"list", `{"price": [1]}`, 0, "must be a decimal number"},
		{"too fine", `{"price": 1.005}`, 0, "must have at most 2 decimals in CNY, got 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w struct {
				Price *wireAmount `json:"price"`
			}
			if err := json.Unmarshal([]byte(c.json), &w); err != nil {
				t.Fatal(err)
			}
			got, err := price("price", w.Price, "CNY")
			if c.problem != "" {
				checkProblem(t, err, "price", c.problem)
			} else if err != nil || got != c.want {
				t.Errorf("%d, %v; want %d", got, err, c.want)
			}
		})
	}
}

func TestCurrency(t *testing.T) {
	t.Parallel()
	for c, want := range map[Currency]bool{"CNY": true, "XYZ": true, "": false, "cny": false, "CN": false, "CNYY": false, "C1Y": false, "元": false} {
		if c.Valid() != want {
			t.Errorf("%q valid: %v, want %v", c, c.Valid(), want)
		}
	}
	for c, want := range map[Currency]bool{"AED": true, "CNY": true, "EUR": true, "USD": true, "ZWG": true, "XYZ": false, "XAU": false, "": false, "CN": false, "CNY USD": false} {
		if c.Known() != want {
			t.Errorf("%q known: %v, want %v", c, c.Known(), want)
		}
	}
	for c, want := range map[Currency]int{"CNY": 2, "HKD": 2, "TWD": 2, "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "TND": 3, "UYW": 4} {
		if c.Decimals() != want {
			t.Errorf("%s has %d decimals, want %d", c, c.Decimals(), want)
		}
	}
}
