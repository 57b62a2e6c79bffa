// Command peakday is the service and its tools: peakday --help lists them.
package main

import (
	"os"

	"github.com/peakday/peakday/internal/app"
)

func main() { os.Exit(app.Main()) }
