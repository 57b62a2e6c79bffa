package api

import (
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// listOverrides lists the overrides of planners; with judged=1, the forecast
// value that they added.
func listOverrides(x *exchange) error {
	judged, err := x.flag("judged")
	if err != nil {
		return err
	}
	if judged {
		rows, err := x.Forecasts.ValueAdded(x.ctx(), x.now())
		if err != nil {
			return err
		}
		return tableOf(x, "value-added", rows, func(w io.Writer) error { return forecast.WriteValueAdded(w, rows) }, identity[forecast.ValueAdded])
	}
	rows, err := x.Forecasts.Reader.Overrides(x.ctx(), nil)
	if err != nil {
		return unavailable("the overrides cannot be read", err)
	}
	return tableOf(x, "overrides", rows, func(w io.Writer) error { return forecast.WriteOverrides(w, rows) }, identity[forecast.Override])
}

// override is the newest of a SKU.
func (x *exchange) override() (forecast.Override, error) {
	sku := events.SKU(x.param("sku"))
	all, err := x.Forecasts.Reader.Overrides(x.ctx(), []events.SKU{sku})
	if err != nil {
		return forecast.Override{}, unavailable("the overrides cannot be read", err)
	}
	if len(all) == 0 {
		return forecast.Override{}, errorf("not_found", "nobody has overridden the forecast of the SKU %q", events.Clip(string(sku)))
	}
	return all[len(all)-1], nil
}

func getOverride(x *exchange) error {
	o, err := x.override()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, o.Version, o)
}

// putOverride lets a planner override the forecast of a SKU.
func putOverride(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	o, err := forecast.ParseOverride(events.SKU(x.param("sku")), body, x.caller.name(), x.now())
	if err != nil {
		return err
	}
	replaced, err := x.versionToReplace(func() error {
		_, err := x.override()
		return err
	})
	if err != nil {
		return err
	}
	if o, err = x.storeOverride(o, replaced); err != nil {
		return err
	}
	return x.versioned(createdOrOK(o.Version), o.Version, o)
}

// storeOverride completes an override by what the model says of its days, and
// stores it in place of a version, or of any.
func (x *exchange) storeOverride(o forecast.Override, replaced int64) (forecast.Override, error) {
	o, err := x.Forecasts.CompleteOverride(x.ctx(), o, x.now())
	if err != nil {
		return o, err
	}
	o.Version = replaced
	o.Version, err = x.Plans.PutOverride(x.ctx(), o)
	return o, err
}

// deleteOverride ends the override of a SKU. Its history is kept.
func deleteOverride(x *exchange) error {
	replaced, err := x.versionToReplace(func() error { return nil }) // endOverride looks whether it is there
	if err != nil {
		return err
	}
	o, err := x.endOverride(replaced)
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, o.Version, o)
}

func (x *exchange) endOverride(replaced int64) (forecast.Override, error) {
	o, err := x.override()
	if err != nil {
		return o, err
	}
	o.Revoked, o.Made, o.Version = true, x.now().UTC(), replaced
	o.Version, err = x.Plans.PutOverride(x.ctx(), o)
	return o, err
}
