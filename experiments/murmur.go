package experiments

import (
	"encoding/binary"
	"math/bits"
)

// murmur64 is murmur3.Sum64: the first half of Appleby's MurmurHash3_x64_128
// with seed 0. It is here because the package of that name lets its argument
// escape to the heap, which made every evaluation allocate; a test holds the
// two together.
func murmur64(b []byte) uint64 {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	var h1, h2 uint64
	rest := b
	for ; len(rest) >= 16; rest = rest[16:] {
		k1, k2 := binary.LittleEndian.Uint64(rest), binary.LittleEndian.Uint64(rest[8:])
		h1 ^= bits.RotateLeft64(k1*c1, 31) * c2
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= bits.RotateLeft64(k2*c2, 33) * c1
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var tail [16]byte
	copy(tail[:], rest)
	h1 ^= bits.RotateLeft64(binary.LittleEndian.Uint64(tail[:])*c1, 31) * c2
	h2 ^= bits.RotateLeft64(binary.LittleEndian.Uint64(tail[8:])*c2, 33) * c1

	h1 ^= uint64(len(b))
	h2 ^= uint64(len(b))
	h1 += h2
	h2 += h1
	return avalanche(h1) + avalanche(h2)
}

// avalanche lets every bit of k change every other.
func avalanche(k uint64) uint64 {
	k ^= k >> 33
	k *= 0xff51afd7ed558ccd
	k ^= k >> 33
	k *= 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
