# What a visitor gets follows the experiment's status; exposures count only while
# it runs.
clock 2026-11-01T00:00:00+08:00
PUT /v1/experiments/colour
  {"unit":"user","variants":[{"key":"control","weight":1,"value":"grey"},{"key":"red","weight":1,"value":"red"}]}
POST /ofrep/v1/evaluate/flags/colour
  {"context":{"targetingKey":"u1"}}
expect 404
expect .errorCode == "FLAG_NOT_FOUND"
POST /v1/experiments/colour/start
POST /ofrep/v1/evaluate/flags/colour
  {"context":{"targetingKey":"u1"}}
expect 200
expect .reason == "SPLIT"
expect .metadata.enrolled == true
advance 1h
send
  x1 experiment.exposed {"experiment":"colour","variant":"red","unit":"u1"}
advance 1h
POST /v1/experiments/colour/pause
expect .status == "paused"
POST /ofrep/v1/evaluate/flags/colour
  {"context":{"targetingKey":"u1"}}
expect .value == "grey"
expect .reason == "STATIC"
expect .metadata.enrolled == false
advance 1h
send
  x2 experiment.exposed {"experiment":"colour","variant":"red","unit":"u2"}
settle
GET /v1/experiments/colour/report
expect .units.red == 1
# It cannot be stopped twice, nor started after that.
POST /v1/experiments/colour/stop
expect 200
POST /v1/experiments/colour/stop
expect 409
POST /v1/experiments/colour/start
expect 409
POST /ofrep/v1/evaluate/flags/colour
  {"context":{"targetingKey":"u1"}}
expect .reason == "DISABLED"
expect .value missing
POST /v1/experiments/colour/ship
  {"variant":"blue"}
expect 422
POST /v1/experiments/colour/ship
  {"variant":"red"}
expect 200
POST /ofrep/v1/evaluate/flags/colour
  {"context":{"targetingKey":"u9"}}
expect .value == "red"
expect .reason == "STATIC"
GET /v1/experiments/colour/history
expect .items.length == 5
expect .items[4].action == "ship"
