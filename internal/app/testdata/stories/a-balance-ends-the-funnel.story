# A look, a cart, an order, a payment: of a presale, the balance is the payment.
clock 2026-11-05T09:00:00+08:00
send
  v1 product.viewed {"user_id":"u1","product_id":"lamp"}
  v2 product.viewed {"user_id":"u2","product_id":"lamp"}
  v3 product.viewed {"user_id":"u3","product_id":"lamp"}
  a1 product.added {"user_id":"u1","product_id":"lamp"}
  a2 product.added {"user_id":"u2","product_id":"lamp"}
  o1 order.placed {"user_id":"u1","order_id":"o1","presale":{"event":"11.11","deposit":"10.00"},"products":[{"product_id":"lamp","sku":"lamp-s","quantity":1,"price":"100.00"}]}
  d1 presale.deposit_paid {"user_id":"u1","order_id":"o1","event":"11.11","sku":"lamp-s","quantity":1,"total":"10.00"}
settle
GET /v1/funnels
expect .items[step=viewed].units == 3
expect .items[step=added].units == 2
expect .items[step=ordered].units == 1
expect .items[step=paid].units == 0
clock 2026-11-11T00:00:10+08:00
send
  b1 presale.balance_paid {"user_id":"u1","order_id":"o1","event":"11.11","sku":"lamp-s","quantity":1,"total":"90.00"}
settle
GET /v1/funnels
expect .items[step=paid].units == 1
expect .items[step=paid].onward == 1

# What is wrong is said in words, and names the field.
GET /v1/funnels?within=soon
expect 422
expect .field == "within"
