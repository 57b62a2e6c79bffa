// Package offline measures recommenders on data of the past, beside simple
// methods that have been tuned as carefully as the product:
//
//	rows ──► Split ──► training ──► Split again ──► inner training ──► fit, tune
//	           │                        └──► validation cases ──────────┘  learn the ranker
//	           └──► test cases ◄── the tuned models, fitted on all training
//
// A case is a visitor's history and what came next. Every model ranks all
// items, those that the visitor already has left out, and Metrics say how high
// what came next stands. No model sees a test case before it is measured.
//
//	data, err := offline.NewData(rows, offline.Protocol{Split: offline.LeaveOneOut})
//	report, err := offline.Evaluate(ctx, data, offline.Options{Cutoffs: []int{10, 20}, Seed: 1})
//
// The package is pure: rows and the seed come from the caller.
package offline
