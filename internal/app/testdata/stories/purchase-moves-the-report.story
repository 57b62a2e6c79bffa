# A visitor is assigned, meets the variant, buys; the analyst's report moves.
clock 2026-11-01T10:00:00+08:00
PUT /v1/metrics/conversion
  {"kind":"proportion","event":"order.paid"}
expect 201
PUT /v1/metrics/revenue
  {"kind":"mean","event":"order.paid","value":"total"}
PUT /v1/experiments/checkout
  {"unit":"user","primary":"conversion","secondary":["revenue"],"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
expect 201
expect .status == "draft"
POST /v1/experiments/checkout/start
expect 200
expect .status == "running"

# Nobody has met anything yet.
GET /v1/experiments/checkout/report
expect 200
expect .units.control == 0
expect .decision.verdict == "keep-running"

send
  x1 experiment.exposed {"experiment":"checkout","variant":"control","unit":"u1"}
  x2 experiment.exposed {"experiment":"checkout","variant":"control","unit":"u2"}
  x3 experiment.exposed {"experiment":"checkout","variant":"b","unit":"u3"}
  x4 experiment.exposed {"experiment":"checkout","variant":"b","unit":"u4"}
  p1 order.paid +1h {"order_id":"o1","user_id":"u1","total":"10.00"}
  p3 order.paid +1h {"order_id":"o3","user_id":"u3","total":"30.50"}
  p4 order.paid +1h {"order_id":"o4","user_id":"u4","total":"9.50"}
  p5 order.paid +1h {"order_id":"o5","user_id":"u5","total":"99.00"}
expect .accepted == 8
settle
GET /v1/experiments/checkout/report
expect .units.control == 2
expect .units.b == 2
expect .metrics[name=conversion].control.mean == 0.5
expect .metrics[name=conversion].results[0].mean == 1
expect .metrics[name=conversion].results[0].absolute.estimate == 0.5
expect .metrics[name=revenue].control.mean ~ 5
expect .metrics[name=revenue].results[0].mean ~ 20

# A refund takes the money back on its own day, not the conversion.
advance 24h
send
  r3 order.refunded {"order_id":"o3","user_id":"u3"}
settle
GET /v1/experiments/checkout/report
expect .metrics[name=conversion].results[0].mean == 1
expect .metrics[name=revenue].results[0].mean ~ 4.75
expect .metrics[name=revenue].series[0].results[0].mean ~ 20
expect .metrics[name=revenue].series[1].results[0].mean ~ 4.75
