# Two experiments of a layer share its visitors; a third finds no room until one
# of them stops.
PUT /v1/layers/home
  {"unit":"user"}
PUT /v1/experiments/a
  {"unit":"user","layer":"home","coverage":0.6,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
PUT /v1/experiments/b
  {"unit":"user","layer":"home","coverage":0.4,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
PUT /v1/experiments/c
  {"unit":"user","layer":"home","coverage":0.1,"variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
POST /v1/experiments/a/start
expect 200
POST /v1/experiments/b/start
expect 200
POST /v1/experiments/c/start
expect 409
POST /v1/experiments/b/stop
POST /v1/experiments/c/start
expect 200
PUT /v1/experiments/d
  {"unit":"user","layer":"cellar","variants":[{"key":"control","weight":1},{"key":"b","weight":1}]}
expect 422
