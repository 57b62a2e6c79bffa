package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"
)

// serveBare is the bare handler: the least that a server of flags on net/http
// and encoding/json does. args are the number of flags and the address.
func serveBare(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: bare takes a number of flags and an address", errUsage)
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("bench-%03d", i)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /ofrep/v1/evaluate/flags/{key}", func(w http.ResponseWriter, r *http.Request) {
		user, country := bareContext(r)
		answerBare(w, appendBareFlag(nil, r.PathValue("key"), user, country))
	})
	mux.HandleFunc("POST /ofrep/v1/evaluate/flags", func(w http.ResponseWriter, r *http.Request) {
		user, country := bareContext(r)
		b := append(make([]byte, 0, 96*n+16), `{"flags":[`...)
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendBareFlag(b, key, user, country)
		}
		answerBare(w, append(b, "]}"...))
	})
	server := http.Server{Addr: args[1], Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

func bareContext(r *http.Request) (user, country string) {
	var body struct {
		Context map[string]any `json:"context"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // the benchmark sends JSON
	user, _ = body.Context["targetingKey"].(string)
	country, _ = body.Context["country"].(string)
	return user, country
}

func answerBare(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // a client that has gone ends the turn
}

func appendBareFlag(b []byte, key, user, country string) []byte {
	variant := "control"
	if country == "CN" {
		h := fnv.New64a()
		_, _ = h.Write([]byte(key + "/" + user)) // never fails
		if h.Sum64()>>63 == 1 {
			variant = "treatment"
		}
	}
	b = append(append(b, `{"key":"`...), key...)
	b = append(append(b, `","reason":"SPLIT","variant":"`...), variant...)
	b = append(append(b, `","value":"`...), variant...)
	return append(b, `"}`...)
}
