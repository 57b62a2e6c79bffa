package main

import (
	"strings"
	"testing"
)

func TestPrintedCommandHasNoPathsOfTheMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, args, want string }{
		{"switches", "assign --json --write", "assign"},
		{"numbers", "recommend --items 1000000 --rate=50", "recommend --items 1000000 --rate=50"},
		{"data, cache and Python", "forecast --data /home/me/sets/forecast --cache=/tmp/said --python ../venv/bin/python3 --only m4_hourly,m3",
			"forecast --data forecast --cache=said --python python3 --only m4_hourly,m3"},
		{"vectors", "ann --items=/data/i.f32 --queries data/q.f32 --dim 64", "ann --items=i.f32 --queries q.f32 --dim 64"},
		{"orders, twice", "plan --orders ~/shop/a.csv.gz --orders ../b.csv", "plan --orders a.csv.gz --orders b.csv"},
		{"a directory", "evaluate --in /data/shop --seeds 3", "evaluate --in DIR --seeds 3"},
		{"a directory, joined", "evaluate --in=shop", "evaluate --in DIR"},
		{"a password", "ingest --postgres postgres://u:secret@h/db --events 5", "ingest --postgres URL --events 5"},
		{"a password, joined", "ingest --postgres=postgres://u:secret@h/db", "ingest --postgres URL"},
		{"a title", "evaluate --title yes/no", "evaluate --title yes/no"},
		{"other machines", `plan --orders C:\Users\me\a.csv`, "plan --orders a.csv"},
		{"no name", "forecast --data /srv/.. --cache=/", "forecast --data FILE --cache=FILE"},
		{"an argument", "x /srv/data/file.csv", "x file.csv"},
		{"nothing after a flag", "ingest --postgres", "ingest --postgres URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(withoutSwitches(strings.Fields(c.args)), " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
