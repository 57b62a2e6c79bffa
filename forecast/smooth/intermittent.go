package smooth

// TSB forecasts demand that is mostly zero by its chance and its size, each
// smoothed (Teunter, Syntetos and Babai, 2011): it falls when demand stops. It
// begins with the means over y.
func TSB(y []float64, chance, size float64) float64 {
	p, z := demandMeans(y)
	for _, v := range y {
		if v > 0 {
			p += chance * (1 - p)
			z += size * (v - z)
		} else {
			p -= chance * p
		}
	}
	return p * z
}

// SBA is Croston's method, demand over the interval between demands, with the
// correction of its bias by Syntetos and Boylan (2005).
func SBA(y []float64, alpha float64) float64 {
	size, interval, wait, seen := 0., 0., 1., false
	for _, v := range y {
		if !(v > 0) {
			wait++
			continue
		}
		if !seen {
			size, interval, seen = v, wait, true
		} else {
			size += alpha * (v - size)
			interval += alpha * (wait - interval)
		}
		wait = 1
	}
	if !seen {
		return 0
	}
	return (1 - alpha/2) * size / interval
}

// demandMeans gives the share of values above zero and their mean.
func demandMeans(y []float64) (chance, size float64) {
	count := 0.
	for _, v := range y {
		if v > 0 {
			count++
			size += v
		}
	}
	if count == 0 {
		return 0, 0
	}
	return count / float64(len(y)), size / count
}
