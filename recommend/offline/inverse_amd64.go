package offline

import "golang.org/x/sys/cpu"

// subtractTiles subtracts the products of two packed strips, a's first and the
// one right behind it, with b's from two tiles of c, one below the other. Every
// processor sums up in the same order.
func subtractTiles(a, b, c []float32, stride int) {
	_ = c[(2*tileRows-1)*stride+tileCols-1]
	_ = a[2*tileRows*sweepBlock-1]
	if cpu.X86.HasAVX512F {
		subtractTilesAVX512(sweepBlock, &a[0], &b[0], &c[0], stride)
		return
	}
	subtractTile(a, b, c, stride)
	subtractTile(a[tileRows*sweepBlock:], b, c[tileRows*stride:], stride)
}

// subtractTile does it for one tile.
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

// subtractTilesAVX512 needs twice as many values at a and rows at c.
//
//go:noescape
func subtractTilesAVX512(depth int, a, b, c *float32, stride int)
