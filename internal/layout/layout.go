// Package layout holds the plan of the house: which package may know which.
// Its test reads the imports of the whole module and fails on an import that
// leads upwards, on two strangers that meet, on a domain package that touches
// the outside world, and on a package that the plan does not name.
//
//	4  cmd/*   internal/app (the only package that knows every other)
//	3  api                store/*          internal/sim      internal/imports
//	2  experiments               recommend (→ tower, ann; ← offline)   forecast (→ smooth; panel)
//	1  stats, stats/boost            events                            migrations
package layout

import (
	"fmt"
	"slices"
	"strings"
)

// room is one package of the plan, or a family of packages.
type room struct {
	path  string // below the module; "store/..." is store and all below it
	floor int    // nothing imports upwards
	pure  bool   // no HTTP, SQL, Redis, files, logger, clock or global rand
	alone bool   // imports nothing of ours
}

// plan returns the rooms of the house. A package belongs to the first room
// that names it.
func plan() []room {
	return []room{
		{path: "stats", floor: 1, pure: true, alone: true},
		{path: "stats/boost", floor: 1, pure: true, alone: true},
		{path: "events", floor: 1, alone: true},
		{path: "migrations", floor: 1, alone: true},
		{path: "recommend/ann", floor: 1, pure: true, alone: true},
		{path: "recommend/tower", floor: 1, pure: true, alone: true},
		{path: "forecast/smooth", floor: 1, pure: true, alone: true},

		{path: "experiments", floor: 2, pure: true},
		{path: "recommend", floor: 2, pure: true},
		{path: "recommend/offline", floor: 2, pure: true},
		{path: "forecast", floor: 2, pure: true},
		{path: "forecast/panel", floor: 2, pure: true},

		{path: "api/...", floor: 3},
		{path: "store/...", floor: 3},
		{path: "internal/sim", floor: 3},
		{path: "internal/imports", floor: 3},

		{path: "internal/app", floor: 4},
		{path: "internal/layout", floor: 4, alone: true},
		{path: "cmd/...", floor: 4},
	}
}

// pkg is a package of the module and what it imports, tests left out.
type pkg struct {
	path    string // below the module
	imports []string
}

// check lists every way in which pkgs of module break the plan.
func check(module string, pkgs []pkg) []string {
	var faults []string
	for _, p := range pkgs {
		from, ok := find(p.path)
		if !ok {
			faults = append(faults, fmt.Sprintf("%s has no line in the plan", p.path))
			continue
		}
		for _, imported := range p.imports {
			if ours, below := strings.CutPrefix(imported, module+"/"); below {
				faults = append(faults, checkOurs(p.path, from, ours)...)
			} else if from.pure && outside(imported) {
				faults = append(faults, fmt.Sprintf("%s is pure but imports %s", p.path, imported))
			}
		}
	}
	return faults
}

// checkOurs judges an import of one of our packages by another.
func checkOurs(path string, from room, imported string) []string {
	to, ok := find(imported)
	switch {
	case !ok:
		return nil // reported at the imported package itself
	case from.alone:
		return []string{fmt.Sprintf("%s stands alone but imports %s", path, imported)}
	case to.floor > from.floor:
		return []string{fmt.Sprintf("%s (floor %d) imports upwards: %s (floor %d)", path, from.floor, imported, to.floor)}
	case to.floor == from.floor && from.floor < 4 && house(path) != house(imported):
		return []string{fmt.Sprintf("%s and %s are strangers on floor %d", path, imported, to.floor)}
	}
	return nil
}

// house is the top-level folder: packages of one house are no strangers.
func house(path string) string {
	top, _, _ := strings.Cut(path, "/")
	return top
}

func find(path string) (room, bool) {
	for _, r := range plan() {
		family, many := strings.CutSuffix(r.path, "/...")
		if path == family || many && strings.HasPrefix(path, family+"/") {
			return r, true
		}
	}
	return room{}, false
}

// outside reports whether a package reaches the world outside the process.
func outside(imported string) bool {
	for _, prefix := range []string{
		"net", "os", "database/sql", "log", "syscall", "io/ioutil",
		"github.com/jackc", "github.com/redis", "github.com/go-chi", "modernc.org/sqlite",
	} {
		if imported == prefix || strings.HasPrefix(imported, prefix+"/") {
			return true
		}
	}
	return false
}

// impureCalls lists what a pure package must not call although it may import
// the package: the caller passes the time and the seed.
func impureCalls() []string {
	calls := []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.Tick"}
	for _, f := range []string{"Int", "IntN", "Int64", "Int64N", "Uint32", "Uint64", "Float64", "Float32", "NormFloat64", "ExpFloat64", "Perm", "Shuffle", "N", "Intn"} {
		calls = append(calls, "rand."+f)
	}
	return slices.Clip(calls)
}
