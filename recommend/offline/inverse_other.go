//go:build !amd64

package offline

// subtractTile subtracts the product of two packed strips from a tile of c.
func subtractTile(a, b, c []float32, stride int) { subtractTileGo(a, b, c, stride) }
