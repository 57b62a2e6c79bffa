# A fact that comes later than allowed is not counted, and the report says so.
clock 2026-11-01T00:00:00+08:00
PUT /v1/metrics/conversion
  {"kind":"proportion","event":"order.paid"}
PUT /v1/experiments/late
  {"unit":"user","primary":"conversion","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
POST /v1/experiments/late/start
advance 1h
send
  x1 experiment.exposed {"experiment":"late","variant":"b","unit":"u1"}
  x2 experiment.exposed {"experiment":"late","variant":"b","unit":"u2"}
advance 73h
send
  p1 order.paid -72h {"order_id":"o1","user_id":"u1","total":"10"}
  p2 order.paid -73h {"order_id":"o2","user_id":"u2","total":"10"}
settle
GET /v1/experiments/late/report
expect .units.b == 2
expect .metrics[0].results[0].mean == 0.5
expect .health.too_late == 1
