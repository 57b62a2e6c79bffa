//go:build !amd64

package offline

// subtractTiles subtracts the products of two packed strips, a's first and the
// one right behind it, with b's from two tiles of c, one below the other.
func subtractTiles(a, b, c []float32, stride int) {
	subtractTileGo(a, b, c, stride)
	subtractTileGo(a[tileRows*sweepBlock:], b, c[tileRows*stride:], stride)
}
