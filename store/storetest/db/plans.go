package dbtest

import (
	"strings"
	"sync"
	"testing"

	"github.com/peakday/peakday/store/sqldb"
)

// Explain returns the tables that a statement would read from end to end.
type Explain func(t *testing.T, text string, args []any) (scanned []string)

// RunPlans runs the suite, listens to every statement, and fails for one that
// would read a large table from end to end: without its index one join of
// ours took 188 s instead of 0.7.
func RunPlans(t *testing.T, open Open, explain Explain) {
	t.Helper()
	var heard statements
	t.Run("suite", func(t *testing.T) {
		Run(t, func(t *testing.T, _ sqldb.Trace) *sqldb.DB { return open(t, heard.add) })
	})
	if len(heard.args) < 30 {
		t.Fatalf("heard only %d statements", len(heard.args))
	}
	for text, args := range heard.args {
		if readsAll(text) {
			continue
		}
		for _, table := range explain(t, text, args) {
			if isLarge(table) {
				t.Errorf("reads all of %s:\n%s", table, text)
			}
		}
	}
}

// statements are the different texts heard, each with arguments of one run.
type statements struct {
	mu   sync.Mutex
	args map[string][]any
}

func (s *statements) add(text string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.args == nil {
		s.args = map[string][]any{}
	}
	s.args[text] = args
}

// isLarge reports whether a table grows with units, orders or events.
func isLarge(table string) bool {
	switch table {
	case "inbox", "exposures", "facts", "moments", "moment_marks", "sale_skus", "sale_lines", "sale_hours", "presale_hours", "overrides", "stock_moves", "supplies":
		return true
	}
	return false
}

// readsAll reports whether a statement is meant to read a whole table: reports
// over all SKUs, and the training of models.
func readsAll(text string) bool {
	for _, whole := range []string{
		"FROM sale_hours t WHERE +t.start", "FROM presale_hours t WHERE +t.start", "FROM overrides ORDER BY", "FROM stock_moves t ORDER BY", "SELECT sku, item FROM sale_skus UNION",
		"SELECT doc, version FROM supplies ORDER BY", "WHERE kind IN ('user', 'device') AND type IN",
	} {
		if strings.Contains(text, whole) {
			return true
		}
	}
	return false
}
