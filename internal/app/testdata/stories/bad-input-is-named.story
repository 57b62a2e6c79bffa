# Bad input gets an answer that names the field and what was expected.
clock 2026-11-11T00:00:00+08:00
POST /v1/events
  {"specversion":"1.0","id":"1","source":"s","type":"order.placed","data":{"order_id":"o","products":[{"sku":"a","quantity":-2,"price":"1"}]}}
expect 422
expect .field == "data.products[0].quantity"
POST /v1/events
  {"specversion":"1.0","id":"1","source":"s","type":"order.placed","data":{"order_id":"o","products":[{"sku":"a","quantity":1,"price":"1.999"}]}}
expect 422
expect .field == "data.products[0].price"
POST /v1/events
  {"specversion":"1.0","id":"1"
expect 422
POST /v1/events
  {"specversion":"1.0","id":"1","source":"s","type":"experiment.exposed","data":{"experiment":"none","variant":"b","unit":"u"}}
expect 422
expect .field == "data.experiment"
PUT /v1/experiments/x
  {"unit":"user","variants":[{"key":"a","weight":1},{"key":"b","weight":1}]}
expect 422
expect .field == "variants"
PUT /v1/experiments/x
  {"unit":"user","primary":"nothing","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
expect 422
expect .field == "primary"
PUT /v1/experiments/x
  {"unit":"user","starts_at":"tomorrow","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
expect 422
expect .field == "starts_at"
PUT /v1/policies/x
  {"cap_window":"a day"}
expect 422
expect .field == "cap_window"
PUT /v1/policies/x
  {"model":"none"}
expect 422
expect .field == "model"
PUT /v1/rules
  {}
expect 422
expect .field == "items"
POST /v1/recommendations
  {"events":[{"type":"product.viewed","product_id":"a","tiem":1}]}
expect 422
expect .field == "events[0].tiem"
POST /v1/models
expect 409
expect .code == "refused"
GET /v1/recommendations/earnings?from=2026-11-11&to=2026-11-01
expect 422
expect .field == "from"
PUT /v1/experiments/x
  {"unit":"user","guardrial":[],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
expect 422
expect .field == "guardrial"
GET /v1/forecasts/nothing
expect 404
expect .code == "not_found"
GET /v1/nowhere
expect 404
PATCH /v1/events
expect 405
GET /v1/recommendations?user=u&limit=1000
expect 422
