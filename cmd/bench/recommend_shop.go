package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/internal/app"
)

// shopData makes a shop's products and what its users did, always the same of
// one seed.
type shopData struct {
	items, users, views, categories int
	seed                            uint64
}

// act is one thing that a user did.
type act struct {
	at         int64
	user, item int32
	kind       byte // v, c or b
}

const shopDays = 60

func (d shopData) end() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }

func (d shopData) item(i int32) string { return fmt.Sprintf("i%07d", i) }
func (d shopData) user(u int32) string { return fmt.Sprintf("u%06d", u) }

// path asks for a user of the shop, one in five within a category.
func (d shopData) path(base string, rng *rand.Rand) string {
	path := base + "/v1/recommendations?limit=20&user=" + d.user(int32(rng.IntN(d.users)))
	if rng.IntN(5) == 0 {
		path += fmt.Sprintf("&category=c%d", rng.IntN(d.categories))
	}
	return path
}

// acts are the users' views, carts and orders, oldest first.
func (d shopData) acts() []act {
	rng := rand.New(rand.NewPCG(d.seed, d.seed))
	per := d.items / d.categories
	wanted, total := make([]float64, per), 0.0
	for k := range wanted {
		total += 1 / float64(k+1)
		wanted[k] = total
	}
	active, all := make([]float64, d.users), 0.0
	likes := make([][3]int, d.users)
	for u := range active {
		all += math.Exp(0.8 * rng.NormFloat64())
		active[u] = all
		likes[u] = [3]int{rng.IntN(d.categories), rng.IntN(d.categories), rng.IntN(d.categories)}
	}
	out := make([]act, 0, d.views*5/4)
	start := d.end().AddDate(0, 0, -shopDays).Unix()
	for range d.views {
		u := sort.SearchFloat64s(active, rng.Float64()*all)
		category := rng.IntN(d.categories)
		switch x := rng.Float64(); {
		case x < .54:
			category = likes[u][0]
		case x < .81:
			category = likes[u][1]
		case x < .90:
			category = likes[u][2]
		}
		i := int32(category*per + sort.SearchFloat64s(wanted, rng.Float64()*total))
		at := start + rng.Int64N(shopDays*86400-3600)
		out = append(out, act{at, int32(u), i, 'v'})
		if rng.Float64() < .2 {
			out = append(out, act{at + 60, int32(u), i, 'c'})
			if rng.Float64() < .3 {
				out = append(out, act{at + 600, int32(u), i, 'b'})
			}
		}
	}
	sortActs(out)
	return out
}

// send hands the products and then the acts to the intake, and says how many
// events those were.
func (d shopData) send(ctx context.Context, in *events.Intake) (int, error) {
	var batch []events.Decoded
	sent := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		receipt, err := in.Accept(ctx, batch, events.Channel{Trusted: true})
		if err == nil && len(receipt.Rejected) > 0 {
			err = receipt.Rejected[0].Problem
		}
		sent += len(batch)
		batch = batch[:0]
		return err
	}
	add := func(e events.Event) error {
		batch = append(batch, events.Decoded{Index: len(batch), Event: e})
		if len(batch) < 1000 {
			return nil
		}
		return flush()
	}
	rng := rand.New(rand.NewPCG(d.seed, 99))
	per := d.items / d.categories
	for i := range int32(d.items) {
		data := fmt.Sprintf(`{"product_id":%q,"title":"Item %d","category":"c%d","price":"%.2f"}`, d.item(i), i, int(i)/per, math.Exp(3+rng.NormFloat64()))
		at := d.end().AddDate(0, 0, -shopDays).Add(-time.Duration(rng.IntN(90*24)) * time.Hour)
		if err := add(events.Event{ID: fmt.Sprint("p", i), Source: "bench", Type: string(events.ProductChanged), Time: at, Data: json.RawMessage(data)}); err != nil {
			return sent, err
		}
	}
	for n, a := range d.acts() {
		if err := add(d.event(n, a)); err != nil {
			return sent, err
		}
	}
	return sent, flush()
}

func (d shopData) event(n int, a act) events.Event {
	e := events.Event{ID: fmt.Sprint(n), Source: "bench", Time: time.Unix(a.at, 0).UTC(), Type: string(events.ProductViewed)}
	switch a.kind {
	case 'c':
		e.Type = string(events.ProductAdded)
	case 'b':
		e.Type = string(events.OrderCompleted)
		e.Data = json.RawMessage(fmt.Sprintf(`{"order_id":"o%d","user_id":%q,"products":[{"product_id":%q,"quantity":1,"price":"9.90"}]}`, n, d.user(a.user), d.item(a.item)))
		return e
	}
	e.Data = json.RawMessage(fmt.Sprintf(`{"user_id":%q,"product_id":%q}`, d.user(a.user), d.item(a.item)))
	return e
}

// postView sends a stranger's view of a popular item.
func postView(ctx context.Context, shop *app.Shop, d shopData, stranger int) error {
	item := d.item(int32((stranger * 7 % d.categories) * (d.items / d.categories)))
	body := fmt.Sprintf(`{"specversion":"1.0","id":"view-%d","source":"bench","type":"product.viewed","time":%q,"data":{"user_id":"stranger-%d","product_id":%q}}`,
		stranger, d.end().Format(time.RFC3339), stranger, item)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, shop.URL()+"/v1/events", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("POST /v1/events: %s: %s", answer.Status, text)
	}
	return err
}
