# Without its last snapshots, online state comes back out of the log.
clock 2026-11-11T00:00:00+08:00
send
  a product.changed {"product_id":"lamp","title":"Lamp","price":"99"}
  b product.changed {"product_id":"rug","title":"Rug","price":"199"}
  s1 stock.level {"sku":"rug","available":0,"version":7}
  v1 product.viewed {"user_id":"u1","product_id":"lamp"}
settle
crash
GET /v1/recommendations?user=stranger&limit=10
expect .items.length == 1
expect .items[0].item == "lamp"
GET /v1/stock/rug
expect .remaining == 0
# With a snapshot and a tail behind it.
restart
send
  s2 stock.level {"sku":"rug","available":3,"version":8}
  s3 stock.level {"sku":"lamp","available":0,"version":1}
settle
crash
GET /v1/stock/rug
expect .remaining == 3
GET /v1/recommendations?user=stranger&limit=10
expect .items.length == 1
expect .items[0].item == "rug"
GET /v1/consumers
expect .lag == 0
expect .applied == 6
expect .duplicates == 0
