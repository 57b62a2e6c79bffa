// Package hook is for Go services that evaluate flags through OpenFeature: it
// sends experiment.exposed to peakday when a flag is used. OpenFeature itself
// has no such thing, and an evaluation is no exposure: a page evaluates all
// flags and shows few.
//
//	exposures, err := hook.New(hook.Options{URL: "http://peakday:8080", Key: key})
//	openfeature.AddHooks(exposures)
//	defer exposures.Close(ctx) // sends what waits
//
// Evaluations never wait for the network: exposures are queued, sent in
// batches, and tried again until peakday takes them.
package hook
