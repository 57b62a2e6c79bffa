package api

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

func TestRecommendationsAreWrittenAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(rapid.StringMatching(`[a-z0-9:-]{0,20}`), rapid.String())
	rapid.Check(t, func(rt *rapid.T) {
		a := recommend.Response{
			Request: texts.Draw(rt, "request"), Policy: texts.Draw(rt, "policy"), Model: texts.Draw(rt, "model"), Degraded: rapid.Bool().Draw(rt, "degraded"),
		}
		if rapid.Bool().Draw(rt, "as of") {
			a.AsOf = time.UnixMicro(rapid.Int64Range(1, 4e15).Draw(rt, "moment")).In(time.FixedZone("", 3600))
		}
		for range rapid.IntRange(0, 3).Draw(rt, "items") {
			a.Items = append(a.Items, recommend.Recommended{
				Item: events.ItemID(texts.Draw(rt, "item")), Score: rapid.Float64().Draw(rt, "score"), Source: texts.Draw(rt, "source"),
			})
		}
		want, err := json.Marshal(recommendationsOf(a))
		if err != nil {
			rt.Fatal(err)
		}
		if got := appendRecommendations(nil, &a); string(got) != string(want)+"\n" {
			rt.Fatalf("wrote\n%s, want\n%s", got, want)
		}
	})
}
