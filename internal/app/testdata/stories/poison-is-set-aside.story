# What cannot be applied is set aside with its reason, and everything else goes on.
clock 2026-11-11T00:00:00+08:00
send
  v1 product.viewed {"user_id":"u1","product_id":"lamp"}
  v2 product.viewed +3h {"user_id":"u1","product_id":"rug"}
  v3 product.viewed {"user_id":"u1","product_id":"mug"}
  q1 weather.changed {"rain":true}
expect .accepted == 4
settle
GET /v1/consumers
expect .applied == 3
expect .dead == 1
expect .unknown == 1
GET /v1/consumers/dead-letters
expect .items.length == 1
# Three hours later it is not from the future any more.
advance 4h
POST /v1/consumers/dead-letters/replay
settle
GET /v1/consumers
expect .applied == 4
GET /v1/consumers/dead-letters
expect .items.length == 0
GET /v1/recommendations?user=stranger&limit=10
expect .items.length == 3
