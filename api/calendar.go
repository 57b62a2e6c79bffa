package api

import (
	"io"
	"net/http"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/forecast"
)

// listCalendar lists the built-in events and the shop's own.
func listCalendar(x *exchange) error {
	c, err := x.Forecasts.Calendar(x.ctx())
	if err != nil {
		return unavailable("the calendar cannot be read", err)
	}
	asCSV, err := x.wantsCSV()
	if err != nil {
		return err
	}
	if asCSV {
		return x.csv("calendar", func(w io.Writer) error { return forecast.WriteCalendar(w, c.Events()) })
	}
	list, err := paginate(x, c.Events(), func(e forecast.Event) string { return e.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

func getCalendarEvent(x *exchange) error {
	e, err := x.calendarEvent()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, e.Version, e)
}

func (x *exchange) calendarEvent() (forecast.Event, error) {
	c, err := x.Forecasts.Calendar(x.ctx())
	if err != nil {
		return forecast.Event{}, unavailable("the calendar cannot be read", err)
	}
	e, ok := c.Event(x.param("event"))
	if !ok {
		return e, errorf("not_found", "there is no event %q in the calendar", events.Clip(x.param("event")))
	}
	return e, nil
}

// putCalendarEvent defines an event or changes it; one with the key of a
// built-in event takes its place.
func putCalendarEvent(x *exchange) error {
	body, err := x.ownedBody()
	if err != nil {
		return err
	}
	e, err := forecast.ParseEvent(x.param("event"), body)
	if err != nil {
		return err
	}
	e.Version, err = x.versionToReplace(func() error {
		_, err := x.calendarEvent()
		return err
	})
	if err != nil {
		return err
	}
	if e.Version, err = x.Plans.PutCalendarEvent(x.ctx(), e); err != nil {
		return err
	}
	return x.versioned(createdOrOK(e.Version), e.Version, e)
}

// versionToReplace is the version that a Put of package forecast may replace. there
// fails where nothing is, for If-Match: *.
func (x *exchange) versionToReplace(there func() error) (int64, error) {
	version, err := x.ifMatch()
	if err != nil {
		return 0, err
	}
	switch version {
	case 0:
		return forecast.AnyVersion, nil
	case anyVersion:
		if there() != nil {
			return 0, errNothingThere
		}
		return forecast.AnyVersion, nil
	}
	return version, nil
}

func createdOrOK(version int64) int {
	if version == 1 {
		return http.StatusCreated
	}
	return http.StatusOK
}
