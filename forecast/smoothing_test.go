package forecast

import "testing"

func BenchmarkSmoothing(b *testing.B) {
	y, w := make([]float64, 400), make([]float64, 400)
	for i := range y {
		y[i] = 20 + float64(i)/50 + 5*normalQuantile((float64((i*7919)%400)+.5)/400)
		w[i] = 1
	}
	b.Run("simple", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			simple(y, w)
		}
	})
	b.Run("holt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			holt(y, w, false)
		}
	})
	b.Run("damped", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			holt(y, w, true)
		}
	})
}
