package api

import "net/http"

// getSettings tells clients how to read what has no zone and no currency.
func getSettings(x *exchange) error {
	return x.json(http.StatusOK, settings{Timezone: x.Zone.String(), Currency: string(x.Shop), Version: x.Version})
}

type settings struct {
	Timezone string `json:"timezone" doc:"of the shop: its days are this zone's"`
	Currency string `json:"currency" doc:"of amounts that name none"`
	Version  string `json:"version" doc:"of the program"`
}
