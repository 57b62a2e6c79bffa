// Package app puts peakday together. It is the only package that knows every
// other: it opens the stores, feeds the folds, trains the models, serves HTTP,
// and holds the program's commands.
//
//	config.go    every setting, with its flag and its default
//	app.go       Open: the stores and what stands in them
//	run.go       Start, CaughtUp, Close
//	serve.go     the HTTP side
//	flows.go     which fact feeds which fold
//	followers.go online state and its snapshots
//	jobs.go      what runs in the background
//	training.go  the recommender's models
//	cmd_*.go     one file a command
package app
