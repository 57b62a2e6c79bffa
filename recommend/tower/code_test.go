package tower

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc64"
	"strings"
	"testing"
	"testing/iotest"
)

func TestDecodeGivesBackWhatEncodeWrote(t *testing.T) {
	t.Parallel()
	for _, dims := range []int{1, 16, 33} {
		options := quick(1)
		options.Dims, options.Latest = dims, []string{"category"}
		c := planted(40, 4, 50, 1)
		m := train(t, c, options)
		b := encoded(t, m)
		back, err := Decode(iotest.HalfReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(t, back), b) {
			t.Error("decoded and encoded again, it differs")
		}
		v := &c.Visitors[0]
		want, _ := m.UserVector(v, 1e9)
		got, err := back.UserVector(v, 1e9)
		if err != nil || inner(got, want) < 0.999999 {
			t.Errorf("a visitor looks different to the decoded model: %v, %v, %v", got, want, err)
		}
	}
}

func TestDecodeRefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	b := encoded(t, train(t, planted(40, 4, 50, 1), quick(1)))
	for n := 0; n < len(b); n += 61 {
		if _, err := Decode(bytes.NewReader(b[:n])); !errors.Is(err, ErrModel) {
			t.Fatalf("a file cut after %d of %d bytes: %v", n, len(b), err)
		}
		damaged := bytes.Clone(b)
		damaged[n] ^= 4
		if _, err := Decode(bytes.NewReader(damaged)); !errors.Is(err, ErrModel) {
			t.Fatalf("a file damaged at %d: %v", n, err)
		}
	}
	cases := []struct {
		name   string
		change func(b []byte) []byte
		says   string
	}{
		{"too long", func(b []byte) []byte { return append(b, 0) }, "cut short, or too long"},
		{"another kind", func(b []byte) []byte { return append([]byte("peakday model\n"), b[14:]...) }, "another kind"},
		{"another version", func(b []byte) []byte { b[14] = 9; return b }, "its version is 9"},
		{"another dimension", func(b []byte) []byte { b[codeHead] = 15; return resealed(b) }, "do not fill it"},
		{"dimension 0", func(b []byte) []byte { b[codeHead] = 0; return resealed(b) }, "out of range"},
		{"more items", func(b []byte) []byte { b[codeHead+4]++; return resealed(b) }, ""},
		{"more features", func(b []byte) []byte { b[codeHead+16]++; return resealed(b) }, ""},
		{"a weight that is no number", func(b []byte) []byte {
			copy(b[len(b)-12:], []byte{0, 0, 0xc0, 0x7f})
			return resealed(b)
		}, "not finite"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode(bytes.NewReader(c.change(bytes.Clone(b))))
			if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %v saying %q", err, ErrModel, c.says)
			}
		})
	}
	broken := errors.New("the disk is gone")
	if _, err := Decode(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing reader: %v", err)
	}
}

// resealed gives a changed file the checksum of its bytes.
func resealed(b []byte) []byte {
	sum := crc64.Checksum(b[:len(b)-8], crc64.MakeTable(crc64.ECMA))
	binary.LittleEndian.PutUint64(b[len(b)-8:], sum)
	return b
}

func TestFitsOnlyItsOwnShop(t *testing.T) {
	t.Parallel()
	c := planted(40, 4, 50, 1)
	m := train(t, c, quick(1))
	grown := c.Vocabulary.clone()
	grown.Number("brand", "new")
	if err := m.Fits(16, 40, grown); err != nil {
		t.Errorf("a vocabulary that has grown: %v", err)
	}
	other := &Vocabulary{}
	for i := range grown.Len() {
		other.Number("brand", string(rune('a'+i)))
	}
	for says, err := range map[string]error{
		"16 dimensions, not 32": m.Fits(32, 40, grown),
		"40 items, not 41":      m.Fits(16, 41, grown),
		"features, not 0":       m.Fits(16, 40, nil),
		`feature 0 is category`: m.Fits(16, 40, other),
	} {
		if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %v saying %q", err, ErrModel, says)
		}
	}
}

// FuzzDecode: no file makes Decode panic or ask for much memory, and what it
// accepts can be used and is written again as it was.
func FuzzDecode(f *testing.F) {
	options := quick(1)
	options.Dims, options.Epochs, options.Latest = 2, 1, []string{"category"}
	whole := encoded(f, train(f, planted(6, 2, 5, 1), options))
	f.Add(whole[codeHead : len(whole)-8])
	empty := encoded(f, train(f, &Corpus{}, options))
	f.Add(empty[codeHead : len(empty)-8])
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, err := decode(payload)
		if err != nil {
			return
		}
		if !bytes.Equal(m.encode(), payload) {
			t.Error("encoded again, it differs")
		}
		steps := []Step{{Item: -1, Event: 3, Time: 5}}
		if m.Items() > 0 {
			steps = append(steps, Step{Item: 0, Time: 7})
		}
		u, err := m.UserVector(&Visitor{Steps: steps, Unknown: [][]int32{nil}}, 9)
		if err != nil {
			t.Fatal(err)
		}
		wantFinite(t, u)
	})
}
