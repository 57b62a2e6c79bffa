package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// viewsChangeAnswers asks for twenty users without a history before and after a view, and
// counts whose answers differ.
func viewsChangeAnswers(ctx context.Context, url string, data shopData) (changed int, err error) {
	for i := range 20 {
		path := fmt.Sprintf("%s/v1/recommendations?user=new-user-%d&limit=10", url, i)
		before, err := itemsOf(ctx, path)
		if err != nil {
			return 0, err
		}
		if err := postView(ctx, url, data, i); err != nil {
			return 0, err
		}
		for began := time.Now(); time.Since(began) < time.Second; {
			after, err := itemsOf(ctx, path)
			if err != nil {
				return 0, err
			}
			if !slices.Equal(before, after) {
				changed++
				break
			}
		}
	}
	return changed, nil
}

func itemsOf(ctx context.Context, url string) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	body, err := answerTo(req, http.StatusOK)
	if err != nil {
		return nil, err
	}
	var answer struct{ Items []struct{ Item string } }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var out []string
	for _, it := range answer.Items {
		out = append(out, it.Item)
	}
	return out, nil
}

// postView sends a new user's view of a popular item.
func postView(ctx context.Context, url string, d shopData, user int) error {
	item := d.item(int32((user * 7 % d.Categories) * d.perCategory()))
	body := fmt.Sprintf(`{"specversion":"1.0","id":"view-%d","source":"bench","type":"product.viewed","time":%q,"data":{"user_id":"new-user-%d","product_id":%q}}`,
		user, d.end().Format(time.RFC3339), user, item)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/events", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	_, err = answerTo(req, http.StatusAccepted)
	return err
}

func answerTo(req *http.Request, good ...int) ([]byte, error) {
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && !slices.Contains(good, answer.StatusCode) {
		err = fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, answer.Status, body)
	}
	return body, err
}
