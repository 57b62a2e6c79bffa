package api_test

import (
	"context"
	"fmt"

	"github.com/peakday/peakday/api"
)

// A store keeps the hash of a secret; the keyring reads it from there.
func ExampleKeyring() {
	read := func(context.Context) ([]api.Key, error) {
		return []api.Key{{
			ID: "1", Name: "shop front", Hash: api.HashSecret("pd_EXAMPLE"),
			Scopes: []api.Scope{api.Evaluate, api.EventsBehaviour}, Origins: []string{"https://shop.example"},
		}}, nil
	}
	ring := api.NewKeyring(read)
	fmt.Println(ring.Refresh(context.Background()))
	// Output: <nil>
}

func ExampleHashSecret() {
	fmt.Println(api.HashSecret("pd_EXAMPLE"))
	// Output: eeba0c803e4347fe043b67380b676feedf3c9a29709c4db5d7a1c87e1da53dbc
}

func ExampleScopes() {
	for _, s := range api.Scopes() {
		fmt.Println(s)
	}
	// Output:
	// evaluate
	// events:behaviour
	// events:trusted
	// read
	// manage
}
