package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/recommend"
)

var (
	_ recommend.CreditTx     = (*Tx)(nil)
	_ recommend.CreditReader = Recommendations{}
)

// AddCredits implements recommend.CreditTx.
func (tx *Tx) AddCredits(ctx context.Context, shard int, accounts []recommend.CreditKey, by map[recommend.CreditKey]recommend.Credit) error {
	t := newTable("ittiiiiiii", len(accounts))
	for _, a := range accounts {
		c := by[a]
		t.add(int64(shard), a.Experiment, a.Policy, a.Day, c.Requests, c.Impressions, c.Clicks, c.Carts, c.Bought, int64(c.Revenue))
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(shard, experiment, policy, day, requests, impressions, clicks, carts, bought, revenue) AS (ROWS)
		INSERT INTO recommendation_credits AS t (shard, experiment, policy, day, requests, impressions, clicks, carts, bought, revenue)
		SELECT shard, experiment, policy, day, requests, impressions, clicks, carts, bought, revenue FROM k WHERE true
		ON CONFLICT (shard, experiment, policy, day) DO UPDATE SET
			requests = t.requests + excluded.requests, impressions = t.impressions + excluded.impressions,
			clicks = t.clicks + excluded.clicks, carts = t.carts + excluded.carts,
			bought = t.bought + excluded.bought, revenue = t.revenue + excluded.revenue`)
}

// AddScores implements recommend.CreditTx.
func (tx *Tx) AddScores(ctx context.Context, matches []recommend.InterleavedUnit, by map[recommend.InterleavedUnit]recommend.InterleavedScore) error {
	t := newTable("ittttiiii", len(matches))
	for _, m := range matches {
		s := by[m]
		t.add(int64(events.PartOf(m.Unit.ID)), m.Experiment, strings.Join(m.Policies[:], "+"), string(m.Unit.Kind), string(m.Unit.ID),
			s.Clicks[0], s.Clicks[1], s.Bought[0], s.Bought[1])
	}
	return t.exec(ctx, tx.dialect, tx, `
		WITH k(part, experiment, policies, kind, unit, first_clicks, second_clicks, first_bought, second_bought) AS (ROWS)
		INSERT INTO recommendation_duels AS t (part, experiment, policies, kind, unit, first_clicks, second_clicks, first_bought, second_bought)
		SELECT part, experiment, policies, kind, unit, first_clicks, second_clicks, first_bought, second_bought FROM k WHERE true
		ON CONFLICT (part, experiment, policies, kind, unit) DO UPDATE SET
			first_clicks = t.first_clicks + excluded.first_clicks, second_clicks = t.second_clicks + excluded.second_clicks,
			first_bought = t.first_bought + excluded.first_bought, second_bought = t.second_bought + excluded.second_bought`)
}

// Credits implements recommend.CreditReader.
func (db Recommendations) Credits(ctx context.Context, from, to int64) (map[recommend.CreditKey]recommend.Credit, error) {
	out := map[recommend.CreditKey]recommend.Credit{}
	err := query(ctx, db.reader, `
		SELECT experiment, policy, day, CAST(SUM(requests) AS BIGINT), CAST(SUM(impressions) AS BIGINT), CAST(SUM(clicks) AS BIGINT),
			CAST(SUM(carts) AS BIGINT), CAST(SUM(bought) AS BIGINT), CAST(SUM(revenue) AS BIGINT)
		FROM recommendation_credits WHERE day >= $1 AND day <= $2 GROUP BY experiment, policy, day`, []any{from, to},
		func(r *sql.Rows) error {
			var a recommend.CreditKey
			var c recommend.Credit
			err := r.Scan(&a.Experiment, &a.Policy, &a.Day, &c.Requests, &c.Impressions, &c.Clicks, &c.Carts, &c.Bought, &c.Revenue)
			out[a] = c
			return err
		})
	return out, err
}

// InterleavingCounts implements recommend.CreditReader.
func (db Recommendations) InterleavingCounts(ctx context.Context) ([]recommend.InterleavingCount, error) {
	var out []recommend.InterleavingCount
	err := query(ctx, db.reader, `
		SELECT experiment, policies,
			COUNT(*) FILTER (WHERE first_clicks > second_clicks), COUNT(*) FILTER (WHERE second_clicks > first_clicks),
			COUNT(*) FILTER (WHERE first_clicks = second_clicks AND first_clicks > 0),
			COUNT(*) FILTER (WHERE first_bought > second_bought), COUNT(*) FILTER (WHERE second_bought > first_bought),
			COUNT(*) FILTER (WHERE first_bought = second_bought AND first_bought > 0)
		FROM recommendation_duels GROUP BY experiment, policies ORDER BY experiment, policies`, nil,
		func(r *sql.Rows) error {
			var d recommend.InterleavingCount
			var policies string
			err := r.Scan(&d.Experiment, &policies, &d.Clicks.First, &d.Clicks.Second, &d.Clicks.Tied,
				&d.Bought.First, &d.Bought.Second, &d.Bought.Tied)
			d.Policies[0], d.Policies[1], _ = strings.Cut(policies, "+")
			out = append(out, d)
			return err
		})
	return out, err
}
