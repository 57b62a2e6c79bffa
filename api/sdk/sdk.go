// Package sdk holds what the pages of a shop load from peakday: sdk.js, which
// sends exposures and behaviour in batches.
package sdk

import (
	"bytes"
	_ "embed"
)

//go:embed sdk.js
var source []byte

// Script is sdk.js as browsers get it: without its comments and indentation,
// which are a third of it.
func Script() []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(source) {
		line = bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(line)) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			out.Write(line)
		}
	}
	return out.Bytes()
}
