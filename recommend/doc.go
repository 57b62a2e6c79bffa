// Package recommend decides what to show a visitor, and says why.
//
//	facts ──► Catalog   what is sold, where, and how much of it is left
//	      ├─► Profiler  what each visitor saw, put into the cart and bought (Profiles keeps it)
//	      └─► Trends    what is wanted now, by exponentially decayed counts
//	interactions ──► Train ──► Model   what follows what, what is alike, item vectors
//
//	history ──► Source … ──► blend ──► recency ──► filters ──► items with reasons
//
// Catalog, Trends and Profiler are events.Followers: the consumer hands them
// every record once, and each remembers how far it came. A Recommender reads
// all of them:
//
//	r := recommend.New(catalog, trends, profiles, recommend.DefaultPolicy())
//	r.Install(model)
//	answer, err := r.Recommend(ctx, recommend.Request{User: "u1", Limit: 10}, now)
//
// The package is pure: time, seed, readers and writers come from the caller.
package recommend
