package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/peakday/peakday/api/ui"
)

// docsPage lists the surface for people; /openapi.json has every field.
func docsPage(x *exchange) error {
	var v ui.Docs
	all := routes()
	described := operations()
	for _, tag := range tags() {
		g := ui.Group{Name: tag.Name, Text: tag.Description}
		for i := range all {
			r := &all[i]
			o, ok := described[r.method+" "+r.pattern]
			if !ok || o.tag != tag.Name {
				continue
			}
			row := ui.Route{Method: r.method, Path: r.pattern, Summary: o.summary, Text: strings.ReplaceAll(o.text, "`", ""), Scopes: "none"}
			if len(o.query) > 0 {
				row.Query = o.queryNames()
			}
			if !r.open {
				row.Scopes = join(r.scopes, " or ")
			}
			g.Routes = append(g.Routes, row)
		}
		v.Groups = append(v.Groups, g)
	}
	for _, k := range problemKinds() {
		v.Problems = append(v.Problems, ui.Problem{Code: k.code, Status: k.status, Title: k.title})
	}
	slices.SortStableFunc(v.Problems, func(a, b ui.Problem) int { return cmp.Compare(a.Status, b.Status) })
	return x.renderPage(http.StatusOK, "docs", "API", v)
}
