# A sold-out item leaves every answer when its stock event is applied; a restock
# brings it back. An item without any stock event is available.
clock 2026-11-11T00:00:00+08:00
send
  a product.changed {"product_id":"lamp","title":"Lamp","category":"home","price":"99"}
  b product.changed {"product_id":"rug","title":"Rug","category":"home","price":"199"}
  c product.changed {"product_id":"mug","title":"Mug","category":"kitchen","price":"19"}
  v1 product.viewed {"user_id":"u1","product_id":"lamp"}
  v2 product.viewed {"user_id":"u2","product_id":"rug"}
  v3 product.viewed {"user_id":"u3","product_id":"mug"}
settle
GET /v1/recommendations?user=stranger&limit=10
expect 200
expect .items.length == 3
send
  s1 stock.level {"sku":"lamp","available":1,"version":1}
  s2 stock.adjusted {"sku":"lamp","delta":-1,"version":2}
settle
GET /v1/stock/lamp
expect .available == false
expect .remaining == 0
GET /v1/recommendations?user=stranger&limit=10
expect .items.length == 2
expect .items[item=lamp] missing
GET /v1/trending?limit=10
expect .items[item=lamp] missing
# A late, older level does not bring it back.
send
  s0 stock.level {"sku":"lamp","available":50,"version":0}
settle
GET /v1/recommendations?user=stranger&limit=10
expect .items[item=lamp] missing
send
  s3 stock.level {"sku":"lamp","available":20,"version":3}
settle
GET /v1/recommendations?user=stranger&limit=10
expect .items.length == 3
# Only one category.
GET /v1/recommendations?user=stranger&limit=10&category=kitchen
expect .items.length == 1
expect .items[0].item == "mug"
# What is taken off the shelf is gone too.
send
  c2 product.changed +1s {"product_id":"mug","published":false}
settle
GET /v1/recommendations?user=stranger&limit=10
expect .items[item=mug] missing
