package layout

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Module     struct{ Path, Dir string }
}

func listModule(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Module", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var l listed
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func TestHouseStandsAsPlanned(t *testing.T) {
	t.Parallel()
	var pkgs []pkg
	all := listModule(t)
	module := all[0].Module.Path
	for _, l := range all {
		if path := strings.TrimPrefix(l.ImportPath, module+"/"); path != module {
			pkgs = append(pkgs, pkg{path, l.Imports})
		}
	}
	for _, fault := range check(module, pkgs) {
		t.Error(fault)
	}
}

// TestPureFilesNeitherReadClockNorRollDice also finds mutable state and init
// functions, which the house does without.
func TestPureFilesNeitherReadClockNorRollDice(t *testing.T) {
	t.Parallel()
	for _, l := range listModule(t) {
		path := strings.TrimPrefix(l.ImportPath, l.Module.Path+"/")
		r, ok := find(path)
		for _, file := range l.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(l.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if fn, is := n.(*ast.FuncDecl); is && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s/%s has an init function", path, file)
				}
				sel, is := n.(*ast.SelectorExpr)
				if !is || !ok || !r.pure {
					return true
				}
				if x, is := sel.X.(*ast.Ident); is && slices.Contains(impureCalls(), x.Name+"."+sel.Sel.Name) {
					t.Errorf("%s/%s is pure but uses %s.%s", path, file, x.Name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestCheckFindsEveryKindOfFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		pkg  pkg
		want string // empty: no fault
	}{
		{"downwards is fine", pkg{"experiments", []string{"m/stats", "m/events", "math"}}, ""},
		{"app knows all", pkg{"internal/app", []string{"m/api", "m/store/sqlite", "m/internal/sim"}}, ""},
		{"own house is fine", pkg{"store/sqlite", []string{"m/store/sqldb", "m/experiments"}}, ""},
		{"upwards", pkg{"recommend", []string{"m/store/redis"}}, "upwards"},
		{"domain strangers", pkg{"forecast", []string{"m/recommend"}}, "strangers"},
		{"api meets store", pkg{"api", []string{"m/store/sqlite"}}, "strangers"},
		{"store meets api", pkg{"store/sqlite", []string{"m/api"}}, "strangers"},
		{"impure domain", pkg{"experiments", []string{"net/http"}}, "pure"},
		{"impure statistics", pkg{"stats", []string{"os"}}, "pure"},
		{"alone", pkg{"events", []string{"m/stats"}}, "alone"},
		{"unknown package", pkg{"util", nil}, "no line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			faults := strings.Join(check("m", []pkg{c.pkg}), "; ")
			if c.want == "" && faults != "" || !strings.Contains(faults, c.want) {
				t.Errorf("faults %q, want one with %q", faults, c.want)
			}
		})
	}
}
