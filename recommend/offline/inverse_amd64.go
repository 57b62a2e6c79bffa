package offline

import "golang.org/x/sys/cpu"

// subtractTile subtracts the product of two packed strips from a tile of c.
func subtractTile(a, b, c []float32, stride int) {
	_ = c[(tileRows-1)*stride+tileCols-1]
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		subtractTileAVX2(sweepBlock, &a[0], &b[0], &c[0], stride)
		return
	}
	subtractTileGo(a, b, c, stride)
}

// subtractTileAVX2 needs depth·6 values at a, depth·16 at b and six rows of 16
// at c, stride apart.
//
//go:noescape
func subtractTileAVX2(depth int, a, b, c *float32, stride int)
