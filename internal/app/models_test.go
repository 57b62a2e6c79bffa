package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/peakday/peakday/api"
)

// TestWhoAsksForATrainingMayLeave: the wait ends with the caller's context, the
// training does not, and who asks meanwhile gets the same model.
func TestWhoAsksForATrainingMayLeave(t *testing.T) {
	t.Parallel()
	s, stop := serving(t, quiet(t.TempDir()))
	s.send(event("v", "product.viewed", `{"user_id":"u","product_id":"p"}`))
	m := &modelService{trainer: s.trainer, app: s.App}
	s.trainer.busy.Lock() // another training is running
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := m.Train(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ended with %v", err)
	}
	first := m.asked
	second := make(chan api.Model)
	go func() {
		model, err := m.Train(t.Context())
		if err != nil {
			t.Error(err)
		}
		second <- model
	}()
	s.trainer.busy.Unlock()
	<-first.done
	model := <-second
	if first.err != nil || first.model.Version == "" || model.Version != first.model.Version {
		t.Errorf("%+v and %+v: %v", first.model, model, first.err)
	}
	stop()
}

// TestOperatorsTrainAndActivateOnThePage: the first model, then another one,
// and back.
func TestOperatorsTrainAndActivateOnThePage(t *testing.T) {
	t.Parallel()
	s, stop := serving(t, quiet(t.TempDir()))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	page := func(res *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	visit := func() string { _, text := page(browser.Get(s.url() + "/models")); return text }
	submit := func(path string) (int, string) {
		token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(visit())
		return page(browser.PostForm(s.url()+path, url.Values{"csrf": {token[1]}}))
	}
	if text := visit(); !strings.Contains(text, "No model has been trained yet") {
		t.Errorf("%s", text)
	}
	if status, text := submit("/models/train"); status != http.StatusConflict || !strings.Contains(text, "nothing to learn from") {
		t.Errorf("nothing to learn from: %d %s", status, text)
	}
	var versions []string
	for i := range 2 {
		s.send(event(fmt.Sprint("v", i), "product.viewed", fmt.Sprintf(`{"user_id":"u%d","product_id":"p%d"}`, i, i)))
		if status, text := submit("/models/train"); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		if status, body := s.ask(http.MethodPost, "/v1/models", "", ""); status != http.StatusCreated { // waits for it
			t.Fatalf("%d %s", status, body)
		}
		versions = append(versions, s.at("/v1/models", ".items[0].version").(string))
	}
	for _, version := range versions {
		status, text := submit("/models/" + version + "/activate")
		if status != http.StatusOK || !strings.Contains(text, version+` <span class="tag running">active`) || strings.Count(text, ">active<") != 1 {
			t.Errorf("%s: %d %s", version, status, text)
		}
	}
	if status, _ := submit("/models/none/activate"); status != http.StatusNotFound {
		t.Errorf("an unknown version: %d", status)
	}
	stop()
}
