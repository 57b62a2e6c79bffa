# Two policies share one list; each item knows which of them picked it, and the
# request id carries that to clicks and orders.
clock 2026-11-05T09:00:00+08:00
send
  p1 product.changed {"product_id":"a","category":"x"}
  p2 product.changed {"product_id":"b","category":"x"}
  p3 product.changed {"product_id":"c","category":"y"}
  v1 product.viewed {"user_id":"u1","product_id":"a"}
  v2 product.viewed {"user_id":"u2","product_id":"a"}
  v3 product.viewed {"user_id":"u2","product_id":"b"}
settle
PUT /v1/policies/wanted
  {"sources":{"trending":1}}
PUT /v1/policies/fresh
  {"sources":{"fresh":1}}
PUT /v1/experiments/taste
  {"unit":"user","variants":[{"key":"control","weight":1,"value":{"policy":"wanted"}},{"key":"both","weight":1,"value":{"interleave":["wanted","fresh"]}}],"overrides":{"tester":"both"}}
expect 201
POST /v1/experiments/taste/start
expect 200
GET /v1/recommendations?user=tester&limit=3
expect .policy == "wanted+fresh"
expect .items.length == 3
# Of a plain answer, everything is the one policy's.
send
  i1 recommendation.shown {"user_id":"v1","request":"r:taste:wanted:0000000000000001","product_ids":["a","b"]}
  c1 product.clicked {"user_id":"v1","request":"r:taste:wanted:0000000000000001","product_id":"a"}
  d1 product.added {"user_id":"v1","request":"r:taste:wanted:0000000000000001","product_id":"a"}
  o1 order.placed {"order_id":"o1","user_id":"v1","products":[{"product_id":"a","quantity":2,"price":"10.50","request":"r:taste:wanted:0000000000000001"},{"product_id":"b","quantity":1,"price":"3"}]}
  o2 order.paid {"order_id":"o1","user_id":"v1","products":[{"product_id":"a","quantity":2,"price":"10.50","request":"r:taste:wanted:0000000000000001"},{"product_id":"b","quantity":1,"price":"3"}]}
# A guest's order has no visitor; what nobody gave counts for nobody.
send
  o3 order.completed {"order_id":"o2","products":[{"product_id":"a","quantity":1,"price":"1","request":"r:taste:wanted:0000000000000002"}]}
  i2 recommendation.shown {"user_id":"v1","request":"r:taste:made-up:0000000000000001","product_ids":["a"]}
  i3 recommendation.shown {"user_id":"v1","request":"r:nothing:wanted:0000000000000001","product_ids":["a"]}
  i4 recommendation.shown {"user_id":"v1","request":"my own","product_ids":["a"]}
# With 128 zeros every item is the first one's.
send
  i5 recommendation.shown {"user_id":"v2","request":"r:taste:wanted:fresh:0000000000000003:00000000000000000000000000000000","product_ids":["a","b"]}
  c5 product.clicked {"user_id":"v2","request":"r:taste:wanted:fresh:0000000000000003:00000000000000000000000000000000","product_id":"b"}
settle
GET /v1/recommendations/earnings
expect 200
expect .items.length == 1
expect .items[policy=wanted].requests == 2
expect .items[policy=wanted].impressions == 4
expect .items[policy=wanted].clicks == 2
expect .items[policy=wanted].carts == 1
expect .items[policy=wanted].bought == 2
expect .items[policy=wanted].revenue == "22.00"
expect .items[policy=wanted].ctr ~ 0.5
GET /v1/recommendations/earnings?from=2026-11-06&to=2026-11-07
expect .items.length == 0
GET /v1/recommendations/earnings?from=yesterday
expect 422
expect .field == "from"
GET /v1/recommendations/interleavings
expect .items.length == 1
expect .items[experiment=taste].clicks.first == 1
expect .items[experiment=taste].clicks.preference ~ 0
expect .items[experiment=taste].bought.preference == null
# The experiment's report says it too.
GET /v1/experiments/taste/report
expect .interleaving.length == 1
expect .interleaving[0].clicks.first == 1
# Tiers and lookalikes know who bought.
GET /v1/audiences/tiers
expect .items[tier=first].users == 1
expect .items[tier=first].spent == "24.00"
POST /v1/audiences/lookalike
  {"users":["v1"],"limit":5}
expect 200
expect .known == 0
POST /v1/audiences/lookalike
  {"users":[]}
expect 422
