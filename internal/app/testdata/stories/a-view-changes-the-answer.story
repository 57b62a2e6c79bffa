# What a visitor looks at changes the next answer; three impressions are enough.
clock 2026-11-05T09:00:00+08:00
send
  h1 order.completed -48h {"order_id":"o1","user_id":"a","products":[{"sku":"tent","quantity":1,"price":"500"}]}
  h2 order.completed -47h {"order_id":"o2","user_id":"a","products":[{"sku":"stove","quantity":1,"price":"80"}]}
  h3 order.completed -48h {"order_id":"o3","user_id":"b","products":[{"sku":"tent","quantity":1,"price":"500"}]}
  h4 order.completed -47h {"order_id":"o4","user_id":"b","products":[{"sku":"stove","quantity":1,"price":"80"}]}
  h5 order.completed -48h {"order_id":"o5","user_id":"c","products":[{"sku":"piano","quantity":1,"price":"5000"}]}
  h6 order.completed -47h {"order_id":"o6","user_id":"c","products":[{"sku":"stool","quantity":1,"price":"90"}]}
  h7 order.completed -48h {"order_id":"o7","user_id":"d","products":[{"sku":"piano","quantity":1,"price":"5000"}]}
  h8 order.completed -47h {"order_id":"o8","user_id":"d","products":[{"sku":"stool","quantity":1,"price":"90"}]}
settle
train
send
  v1 product.viewed {"user_id":"newcomer","product_id":"tent"}
settle
GET /v1/recommendations?user=newcomer&limit=1&explain=1
expect .items[0].item == "stove"
expect .degraded == false
send
  v2 product.viewed +1m {"user_id":"newcomer","product_id":"piano"}
settle
advance 2m
GET /v1/recommendations?user=newcomer&limit=1
expect .items[0].item == "stool"
# Shown three times, it rests.
send
  i1 recommendation.shown {"user_id":"newcomer","request":"r1","placement":"home","product_ids":["stool"]}
  i2 recommendation.shown {"user_id":"newcomer","request":"r2","placement":"home","product_ids":["stool"]}
  i3 recommendation.shown {"user_id":"newcomer","request":"r3","placement":"home","product_ids":["stool"]}
settle
GET /v1/recommendations?user=newcomer&limit=10
expect .items[item=stool] missing
# For a day.
advance 25h
GET /v1/recommendations?user=newcomer&limit=10
expect .items[item=stool].item == "stool"
# What somebody bought is not offered again.
GET /v1/recommendations?user=a&limit=10
expect .items[item=tent] missing
expect .items[item=stove] missing
