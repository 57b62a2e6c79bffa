package tower

import (
	"bytes"
	"testing"
)

func TestDecodeGivesBackWhatEncodeWrote(t *testing.T) {
	t.Parallel()
	how := quick(1)
	how.Latest = []string{"category"}
	b := encoded(t, train(t, planted(40, 4, 50, 1), how))
	m, err := Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, m), b) {
		t.Error("decoded and encoded again, it differs")
	}
	for n := 0; n < len(b); n += 97 {
		if _, err := Decode(bytes.NewReader(b[:n])); err == nil {
			t.Fatalf("a file cut after %d of %d bytes was read", n, len(b))
		}
	}
}
