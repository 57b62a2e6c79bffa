package recommend

import (
	"strings"
	"testing"
)

// TestEverySourceHasWords: nobody reads "proposed by next".
func TestEverySourceHasWords(t *testing.T) {
	t.Parallel()
	for _, source := range append(Sources(), SourceCatalogue) {
		if words := sentence(source); strings.HasPrefix(words, "proposed") {
			t.Errorf("%s: %q", source, words)
		}
	}
	for _, source := range []string{SourceTransitions, SourceNext, SourceSimilar, SourceTogether, SourceFactors, SourceTowers} {
		if words := because(source, "tent"); strings.HasPrefix(words, "proposed") || !strings.Contains(words, `"tent"`) {
			t.Errorf("%s: %q", source, words)
		}
	}
}
