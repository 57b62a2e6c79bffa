package experiments

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestQALink forces a variant past coverage, audience and status, and enrols
// nobody.
func TestQALink(t *testing.T) {
	t.Parallel()
	editor, store := newEditor()
	mustPut(t, editor, "checkout", goldOnly)
	_, link, err := editor.AddQALink(t.Context(), by(0), "checkout", "b", "secret")
	mustDo(t, err)
	if doc, _ := json.Marshal(store.stored(t, "checkout")); strings.Contains(string(doc), "secret") {
		t.Error("the token is stored")
	}
	shows := func(what, token, want string) {
		t.Helper()
		got, ok := heldCatalog(t, store).Evaluate("checkout", Subject{Key: "u1", QA: token}, nil)
		variant := ""
		if ok && got.Variant != nil {
			variant = got.Variant.Key
		}
		if variant != want || got.Enrolled {
			t.Errorf("%s: %q shows %q (enrolled %v), want %q", what, token, variant, got.Enrolled, want)
		}
		inAll := ""
		heldCatalog(t, store).EvaluateAll(Subject{Key: "u1", QA: token}, nil, func(e Evaluation) bool {
			if e.Variant != nil {
				inAll += e.Variant.Key
			}
			return true
		})
		if inAll != want {
			t.Errorf("%s: of all, %q shows %q, want %q", what, token, inAll, want)
		}
	}
	shows("draft", "secret", "b")
	shows("draft", "guess", "")
	shows("draft", "", "")
	mustStart(t, editor, "checkout")
	shows("running", "secret", "b")
	shows("running", "guess", "control")
	if _, _, err := editor.AddQALink(t.Context(), by(1), "checkout", "z", "x"); kindOf(err) != "invalid variant" {
		t.Errorf("a link to no variant: %v", err)
	}
	_, err = editor.Stop(t.Context(), by(2), "checkout")
	mustDo(t, err)
	shows("stopped", "secret", "")
	if _, err := editor.RemoveQALink(t.Context(), by(3), "checkout", "nothing"); kindOf(err) != "not found" {
		t.Errorf("a link that is not there: %v", err)
	}
	_, err = editor.RemoveQALink(t.Context(), by(3), "checkout", link.ID)
	mustDo(t, err)
}
