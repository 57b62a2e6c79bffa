package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/peakday/peakday/api/ui"
	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// overridesPage lists the overrides of planners, with the form for one more.
func overridesPage(x *exchange) error {
	return x.showOverrides(http.StatusOK, ui.Overrides{Form: ui.OverrideForm{SKU: x.get("sku")}})
}

func (x *exchange) showOverrides(status int, v ui.Overrides) error {
	all, err := x.Forecasts.Reader.Overrides(x.ctx(), nil)
	if err != nil {
		return unavailable("the overrides cannot be read", err)
	}
	today, err := x.today()
	if err != nil {
		return err
	}
	rows := overrideRows(all, today, x.now())
	v.All = len(rows)
	for _, o := range rows[:min(len(rows), maxPlanRows)] {
		v.Rows = append(v.Rows, x.overrideRow(o))
	}
	if v.Form.SKUs, err = x.offeredSKUs(); err != nil {
		return err
	}
	v.Form.Author, v.Form.Tomorrow = x.caller.name(), (today + 1).String()
	worth, err := x.Forecasts.ValueAdded(x.ctx(), x.now())
	if err != nil {
		return err
	}
	v.Values = overrideValues(worth)
	for _, w := range worth {
		v.Added += w.Added
	}
	return x.renderPage(status, "overrides", "Overrides", v)
}

// datedOverride is an override and how it stands.
type datedOverride struct {
	forecast.Override
	status string
}

// overrideRows are the overrides with their standing: those in force first, and
// then the newest. The version that ends an override stands for the one that it
// ends.
func overrideRows(all []forecast.Override, today forecast.Day, now time.Time) []datedOverride {
	var rows []datedOverride
	for i, o := range all {
		newest := i+1 == len(all) || all[i+1].SKU != o.SKU
		if !newest && all[i+1].Revoked {
			continue
		}
		rows = append(rows, datedOverride{o, overrideStatus(&o, newest, today, now)})
	}
	slices.SortStableFunc(rows, func(a, b datedOverride) int {
		switch {
		case a.status == b.status || a.status != inForce && b.status != inForce:
			return b.Made.Compare(a.Made)
		case a.status == inForce:
			return -1
		}
		return 1
	})
	return rows
}

const inForce = "in force"

func overrideStatus(o *forecast.Override, newest bool, today forecast.Day, now time.Time) string {
	switch {
	case o.Revoked:
		return "ended"
	case !newest:
		return "replaced"
	case !o.Holds(now):
		return "expired"
	case o.To < today:
		return "past"
	}
	return inForce
}

func (x *exchange) overrideRow(o datedOverride) ui.OverrideRow {
	row := ui.OverrideRow{
		SKU: string(o.SKU), Author: o.Author, Reason: o.Reason, From: o.From.String(), To: o.To.String(), Status: o.status,
		Made: x.formatTime(o.Made), Model: o.Model, Planned: o.Planned, Version: o.Version, InForce: o.status == inForce,
		Change: "× " + strconv.FormatFloat(o.Factor, 'g', 4, 64),
	}
	if o.Total != nil {
		row.Change = ui.Pieces(*o.Total) + " pieces"
	}
	if o.Expires != nil {
		row.Expires = x.formatTime(*o.Expires)
	}
	return row
}

func overrideValues(worth []forecast.ValueAdded) []ui.OverrideValue {
	var out []ui.OverrideValue
	for _, w := range worth[:min(len(worth), maxPlanRows)] {
		out = append(out, ui.OverrideValue{
			SKU: string(w.SKU), Author: w.Author, Reason: w.Reason, From: w.From.String(), To: w.To.String(),
			Model: w.Model, Planned: w.Planned, Sold: w.Sold, Added: w.Added,
		})
	}
	return out
}

// addOverride overrides a forecast as the form says, and shows the form again
// with what is wrong in it.
func addOverride(x *exchange) error {
	form, err := x.checkedForm()
	if err != nil {
		return err
	}
	o, err := x.overrideOfForm(form)
	if err == nil {
		_, err = x.storeOverride(o, forecast.AnyVersion)
	}
	if err == nil {
		x.redirect("/overrides")
		return nil
	}
	text, ok := x.formError(err)
	if !ok {
		return err
	}
	return x.showOverrides(http.StatusUnprocessableEntity, ui.Overrides{Form: ui.OverrideForm{
		SKU: form.Get("sku"), Factor: form.Get("factor"), Quantity: form.Get("quantity"), From: form.Get("from"), To: form.Get("to"),
		Expires: form.Get("expires"), Reason: form.Get("reason"), Given: form.Get("author"), Error: text,
	}})
}

// overrideOfForm reads the form by the rules of PUT /v1/overrides/{sku}. The
// override expires as the day begins that the form names.
func (x *exchange) overrideOfForm(form url.Values) (o forecast.Override, err error) {
	w := formTexts(form, "author", "reason", "from", "to")
	for _, name := range []string{"factor", "quantity"} {
		v, given, err := formNumber(form, name)
		if err != nil {
			return o, err
		}
		if given {
			w[name] = v
		}
	}
	if text := form.Get("expires"); text != "" {
		day, err := forecast.ParseDay(text)
		if err != nil {
			return o, &events.Invalid{Field: "expires", Problem: err.Error()}
		}
		w["expires"] = day.In(x.Zone)
	}
	body, err := json.Marshal(w)
	if err != nil {
		return o, err
	}
	return forecast.ParseOverride(events.SKU(strings.TrimSpace(form.Get("sku"))), body, x.caller.name(), x.now())
}

// endOverridePage ends the override of a SKU, if it is still the one that the
// page showed.
func endOverridePage(x *exchange) error {
	form, err := x.checkedForm()
	if err != nil {
		return err
	}
	shown, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return &events.Invalid{Field: "version", Problem: "must be that of the override"}
	}
	if _, err := x.endOverride(shown); err != nil {
		return err
	}
	x.redirect("/overrides")
	return nil
}
