// Package ui is peakday's pages: templates, a style sheet and the drawings in
// them, embedded. They are plain HTML that works without a script and asks no
// other host; numbers stand in tables, and drawings repeat what tables say.
//
//	pages, err := ui.New()
//	err = pages.Write(w, "experiment", ui.Frame{Title: "…", Body: ui.Experiment{…}})
//
// Package api fills in the views; this package knows no domain package.
package ui
