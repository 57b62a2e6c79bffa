package imports

import (
	"encoding/json"
	"strings"

	"github.com/peakday/peakday/events"
)

// Catalog reads one product, or one SKU of a product, a row. An empty field
// leaves what is known as it is. regions are separated by |.
func Catalog(s Settings) Kind { return &catalog{s, counter{}} }

type catalog struct {
	Settings
	seen counter
}

// Fields implements Kind.
func (*catalog) Fields() (known, required []string) {
	return []string{"product_id", "sku", "title", "category", "brand", "price", "attributes", "regions", "published", "time"},
		[]string{"product_id"}
}

type productData struct {
	Product    string          `json:"product_id"`
	SKU        string          `json:"sku,omitempty"`
	Title      string          `json:"title,omitempty"`
	Category   string          `json:"category,omitempty"`
	Brand      string          `json:"brand,omitempty"`
	Price      string          `json:"price,omitempty"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Regions    []string        `json:"regions,omitempty"`
	Published  *bool           `json:"published,omitempty"`
}

// Event implements Kind. A row without a time tells what holds now; its id does
// not contain the time, so that the same row tomorrow is a duplicate.
func (c *catalog) Event(row Row) (events.Event, error) {
	s := &scan{Row: row, Settings: c.Settings}
	e := events.Event{Type: string(events.ProductChanged), Time: s.timeOr("time", c.Now)}
	data := productData{
		Product: s.id("product_id"), SKU: s.optionalID("sku"),
		Title: s.text("title"), Category: s.text("category"), Brand: s.text("brand"),
		Attributes: s.object("attributes", `{"colour":"red"}`), Regions: s.regions("regions"), Published: s.optionalBool("published"),
	}
	if s.Get("price") != "" {
		data.Price = c.Currency.Format(s.amount("price", c.Currency))
	}
	if s.failed != nil {
		return events.Event{}, s.failed
	}
	e.ID = c.seen.id("product", row.Get("time"), string(mustJSON(data)))
	return s.event(e, data)
}

// regions reads ids with | between them, or a JSON array of them.
func (s *scan) regions(field string) []string {
	text := s.Get(field)
	if text == "" {
		return nil
	}
	var all []string
	if json.Unmarshal([]byte(text), &all) != nil {
		all = strings.Split(text, "|")
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
		if err := events.CheckID("", all[i]); err != nil {
			s.fail(field, "must be ids such as east|west, got %q: one of them %v", text, err)
		}
	}
	return all
}

func (s *scan) optionalBool(field string) *bool {
	yes, no := true, false
	switch text := strings.ToLower(s.Get(field)); text {
	case "":
		return nil
	case "true", "yes", "1":
		return &yes
	case "false", "no", "0":
		return &no
	default:
		s.fail(field, "must be true or false, got %q", text)
		return nil
	}
}
