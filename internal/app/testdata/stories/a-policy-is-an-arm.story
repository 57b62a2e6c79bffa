# A policy is a definition; an experiment's variant can name one, and rules
# stand above both.
clock 2026-11-05T09:00:00+08:00
send
  p1 product.changed {"product_id":"lamp","title":"Lamp","category":"home","brand":"Lux","attributes":{"tags":["winter"]}}
  p2 product.changed {"product_id":"rug","title":"Rug","category":"home"}
  p3 product.changed {"product_id":"mug","title":"Mug","category":"kitchen"}
  p4 product.changed {"product_id":"pan","title":"Pan","category":"kitchen"}
  v1 product.viewed {"user_id":"u1","product_id":"lamp"}
  v2 product.viewed {"user_id":"u2","product_id":"lamp"}
  v3 product.viewed {"user_id":"u3","product_id":"lamp"}
  v4 product.viewed {"user_id":"u1","product_id":"rug"}
  v5 product.viewed {"user_id":"u2","product_id":"rug"}
  v6 product.viewed {"user_id":"u1","product_id":"mug"}
  v7 product.viewed {"user_id":"u4","product_id":"mug"}
  v8 product.viewed -1h {"user_id":"u1","product_id":"pan"}
settle
GET /v1/policies
expect .items.length == 1
expect .items[key=default].cap == 3
GET /v1/recommendations?user=stranger&limit=4
expect .policy == "default"
expect .items[0].item == "lamp"

# What is wrong is said in words, and names the field.
PUT /v1/policies/wanted
  {"sources":{"trendy":1}}
expect 422
expect .field == "sources"
PUT /v1/policies/wanted
  {"cap_window":"25h"}
expect 422
expect .field == "cap_window"
PUT /v1/policies/wanted
  {"diversty":0.5}
expect 422
expect .field == "diversty"
PUT /v1/policies/wanted
  {"sources":{"trending":1},"category_cap":1}
expect 201
expect .version == 1
PUT /v1/policies/wanted
  {"sources":{"trending":1},"category_cap":1,"cap":1}
expect 200
expect .version == 2

# An experiment cannot start on a policy that does not exist.
PUT /v1/experiments/shelf
  {"unit":"user","variants":[{"key":"control","weight":1},{"key":"wanted","weight":1,"value":{"policy":"wnated","placement":"home"}}],"overrides":{"tester":"wanted"}}
POST /v1/experiments/shelf/start
expect 422
expect .field == "variants[1].value"
PUT /v1/experiments/shelf
  {"unit":"user","variants":[{"key":"control","weight":1},{"key":"wanted","weight":99,"value":{"policy":"wanted","placement":"home"}}],"overrides":{"tester":"wanted"}}
POST /v1/experiments/shelf/start
expect 200
GET /v1/recommendations?user=tester&placement=home&limit=4&explain=1
expect .policy == "wanted"
expect .items.length == 4
expect .items[0].item == "lamp"
expect .items[1].item == "mug"
# Elsewhere it is not the experiment's business.
GET /v1/recommendations?user=tester&placement=cart&limit=4
expect .policy == "default"
# A visitor meets the arm, and is exposed once.
GET /v1/recommendations?user=v-7&placement=home&limit=4
expect .policy == "wanted"
GET /v1/recommendations?user=v-7&placement=home&limit=4
settle
GET /v1/experiments/shelf/report
expect .units.wanted == 1
# An audience may ask for what peakday knows of the visitor itself: who says so
# of himself is not believed.
PUT /v1/experiments/loyal
  {"unit":"user","audience":{"customer":"returning"},"segments":["customer"],"variants":[{"key":"control","weight":1},{"key":"wanted","weight":99,"value":{"policy":"wanted","placement":"loyal"}}]}
POST /v1/experiments/loyal/start
expect 200
send
  o1 order.placed {"user_id":"v-7","order_id":"o1","total":"9.00","products":[{"product_id":"mug","sku":"mug","quantity":1,"price":"9.00"}]}
settle
POST /v1/recommendations
  {"user":"v-8","placement":"loyal","limit":4,"attributes":{"customer":"returning"}}
expect .policy == "default"
POST /v1/recommendations
  {"user":"v-7","placement":"loyal","limit":4,"attributes":{"customer":"new"}}
expect .policy == "wanted"
settle
GET /v1/experiments/loyal/report?segment=customer%3Dreturning
expect .units.wanted == 1

# A stranger without an id belongs to no arm.
GET /v1/recommendations?placement=home&limit=4
expect .policy == "default"

# Rules: one list, in force at once; sold out stays out whatever they say.
PUT /v1/rules
  {"items":[{"name":"winter","do":"boost","factor":0.5,"where":{"tags":["winter"]}}]}
expect 422
expect .field == "items[0].factor"
PUT /v1/rules
  {"items":[{"name":"push the pan","do":"pin","position":2,"where":{"items":["pan"]},"placements":["home"]},
    {"name":"less winter","do":"bury","factor":0.01,"where":{"tags":["winter"]}},
    {"name":"over","do":"pin","where":{"items":["rug"]},"until":"2026-11-01T00:00:00Z"}]}
expect 201
GET /v1/recommendations?user=stranger-2&placement=cart&limit=4&explain=1
expect .items[0].item == "mug"
expect .items[3].item == "lamp"
expect .items[3].steps[step=rule].note == "bury: less winter"
GET /v1/recommendations?user=tester&placement=home&limit=4
expect .items[1].item == "pan"
send
  s1 stock.level {"sku":"pan","available":0,"version":1}
settle
GET /v1/recommendations?user=tester&placement=home&limit=4
expect .items[item=pan] missing
expect .items.length == 3
send
  s2 stock.level {"sku":"pan","available":5,"version":2}
settle
GET /v1/recommendations?user=tester&placement=home&limit=4
expect .items[1].item == "pan"
GET /v1/rules
expect .version == 1
restart
GET /v1/rules
expect .items.length == 3
GET /v1/policies/wanted
expect .version == 2
