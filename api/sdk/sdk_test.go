package sdk_test

import (
	"bytes"
	"os/exec"
	"testing"

	"github.com/peakday/peakday/api/sdk"
)

func TestScriptIsSmall(t *testing.T) {
	t.Parallel()
	script := sdk.Script()
	if len(script) > 5000 || len(script) < 2000 {
		t.Errorf("sdk.js has %d bytes", len(script))
	}
	if bytes.Contains(script, []byte("\n//")) || bytes.Contains(script, []byte("\n ")) {
		t.Error("comments or indentation are left")
	}
}

func TestScriptIsJavaScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the syntax of sdk.js is checked where it is, as in CI")
	}
	check := exec.Command(node, "-e", `new Function(require("fs").readFileSync(0, "utf8"))`)
	check.Stdin = bytes.NewReader(sdk.Script())
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
