# A producer retries; the network reorders; a record counts once, where it belongs.
clock 2026-11-11T20:00:00+08:00
PUT /v1/metrics/spend
  {"kind":"mean","event":"order.paid","value":"total"}
PUT /v1/experiments/banner
  {"unit":"user","primary":"spend","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
POST /v1/experiments/banner/start
advance 1h

# The order overtakes the exposure that came before it.
send
  p1 order.paid {"order_id":"o1","user_id":"u1","total":"10"}
settle
send
  x1 experiment.exposed -30m {"experiment":"banner","variant":"b","unit":"u1"}
settle
GET /v1/experiments/banner/report
expect .units.b == 1
expect .metrics[0].results[0].mean ~ 10

# Within the last minutes a repetition is named as such.
send
  p1 order.paid {"order_id":"o1","user_id":"u1","total":"10"}
expect .accepted == 0
expect .duplicates == 1
# Twice in one request as well.
send
  p2 order.paid {"order_id":"o2","user_id":"u1","total":"5"}
  p2 order.paid {"order_id":"o2","user_id":"u1","total":"5"}
expect .accepted == 1
expect .duplicates == 1
settle

# After a restart the memory of the last minutes is gone, the inbox is not.
restart
send
  p1 order.paid -1h {"order_id":"o1","user_id":"u1","total":"10"}
expect .accepted == 1
settle
GET /v1/experiments/banner/report
expect .metrics[0].results[0].mean ~ 15
GET /v1/consumers
expect .duplicates == 1

# An earlier first exposure arrives: the unit is counted anew from there.
send
  x0 experiment.exposed -50m {"experiment":"banner","variant":"b","unit":"u1"}
settle
GET /v1/experiments/banner/report
expect .units.b == 1
expect .metrics[0].results[0].mean ~ 15
# And an exposure to another variant before it moves the unit there.
send
  xc experiment.exposed -55m {"experiment":"banner","variant":"control","unit":"u1"}
settle
GET /v1/experiments/banner/report
expect .units.b == 0
expect .units.control == 1
expect .metrics[0].control.mean ~ 15
expect .health.flicker == 1
