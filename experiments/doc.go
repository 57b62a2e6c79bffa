// Package experiments assigns units to variants, keeps the sums of what the
// variants did, and reports whether they worked.
//
//	definitions ──► Catalog ──► Evaluate     a unit's variant; no I/O, no allocation
//	exposures, facts ──► Ledger ──► moments  per experiment, variant, metric, day, segment
//	moments ──► Report ──► Decide            effects with intervals, health, a verdict
//
// The package is pure: callers pass the time, and the interfaces in store.go
// stand between it and any database.
//
// Definitions are changed by an Editor, which checks and stores them:
//
//	editor := experiments.NewEditor(store, shop)
//	exp, err := editor.Put(ctx, change, draft)
//	exp, err = editor.Start(ctx, change, exp.Key)
//
// and a visitor's request ends in a Catalog:
//
//	got, err := catalog.Evaluate("checkout-button", experiments.Subject{Key: "u1"}, attributes)
package experiments
