package ann

// store copies vectors into free slots or new ones. They are not found yet.
func (x *Index) store(n int, vectors []float32) []int32 {
	fresh := max(0, n-len(x.free))
	x.grow(x.used + fresh)
	x.rescale(vectors)
	slots := make([]int32, n)
	reused := copy(slots, x.free[len(x.free)-(n-fresh):])
	for i := range fresh {
		slots[reused+i] = int32(x.used + i)
	}
	// Nobody looks at slots from used on.
	codeError, maxNorm := x.codeError, x.maxNorm
	for i := reused; i < n; i++ {
		x.fill(slots[i], x.row(vectors, i), &codeError, &maxNorm)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range reused {
		x.fill(slots[i], x.row(vectors, i), &codeError, &maxNorm)
	}
	x.free = x.free[:len(x.free)-reused]
	x.used += fresh
	x.codeError, x.maxNorm = codeError, maxNorm
	return slots
}

func (x *Index) row(vectors []float32, i int) []float32 {
	return vectors[i*x.options.Dimension:][:x.options.Dimension]
}

func (x *Index) fill(slot int32, vector []float32, codeError, maxNorm *float64) {
	copy(x.float(slot), vector)
	*codeError = max(*codeError, encode(vector, x.scale, x.code(slot)))
	*maxNorm = max(*maxNorm, norm(vector))
}

// grow makes room for n slots. It copies while searches go on, and then swaps.
func (x *Index) grow(n int) {
	if n <= len(x.ids) {
		return
	}
	n = blocks(max(n, x.used+x.used/8), 64)
	larger := rows{
		ids: make([]uint32, n), alive: NewBitmap(n),
		codes: make([]uint8, n*x.codeStride), floats: make([]float32, n*x.floatStride),
	}
	links, linked := make([]int32, n*x.options.Links), NewBitmap(n)
	copy(larger.ids, x.ids)
	copy(larger.alive, x.alive)
	copy(larger.codes, x.codes)
	copy(larger.floats, x.floats)
	copy(linked, x.linked)
	for i := copy(links, x.links); i < len(links); i++ {
		links[i] = -1
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ids, x.alive, x.codes, x.floats = larger.ids, larger.alive, larger.codes, larger.floats
	x.links, x.linked = links, linked
}

// rescale encodes all vectors anew when the new ones are out of the codes'
// range. The range grows by an eighth more, so that this is rare.
func (x *Index) rescale(vectors []float32) {
	top := largest(vectors)
	if top <= x.scale*codeMax && x.scale > 0 {
		return
	}
	if x.scale > 0 {
		top *= 1.125
	}
	scale := max(top/codeMax, 1e-30)
	codes, codeError := make([]uint8, len(x.codes)), 0.0
	for slot := range x.used {
		code := codes[slot*x.codeStride:][:x.codeStride]
		codeError = max(codeError, encode(x.float(int32(slot))[:x.options.Dimension], scale, code))
	}
	entryCodes := make([]uint8, 0, len(x.entryCodes))
	for _, slot := range x.entries {
		entryCodes = append(entryCodes, codes[int(slot)*x.codeStride:][:x.codeStride]...)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.codes, x.entryCodes, x.scale, x.codeError = codes, entryCodes, scale, codeError
}
