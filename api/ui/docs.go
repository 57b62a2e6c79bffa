package ui

// Docs lists the surface.
type Docs struct {
	Groups   []Group
	Problems []Problem
}

// Group is the operations of one tag.
type Group struct {
	Name, Text string
	Routes     []Route
}

// Route is a line of the surface.
type Route struct{ Method, Path, Summary, Text, Scopes, Query string }

// Problem is a code.
type Problem struct {
	Code   string
	Status int
	Title  string
}
