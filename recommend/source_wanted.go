package recommend

import "math"

// popular proposes what has been wanted most in all the model's time.
type popular struct{ in *installed }

func (s *popular) Name() string { return SourcePopularity }

func (s *popular) Propose(_ *Ask, out *Offers) {
	bar := out.Bar()
	for i, score := range s.in.model.popularity {
		if score > bar {
			out.Offer(s.in.slots[i], score)
			bar = out.Bar()
		}
	}
}

// trending proposes what is wanted now.
type trending struct {
	trends *Trends
	window Window
}

func (s *trending) Name() string { return SourceTrending }

// Propose scores an item by its decayed count relative to the largest.
func (s *trending) Propose(_ *Ask, out *Offers) {
	hottest := s.trends.hottest(s.window)
	bar := math.Inf(-1) // as a logarithm
	kept := float32(0)
	s.trends.heat[s.window].each(func(slot Slot, heat float64) {
		if heat-hottest < bar {
			return
		}
		out.Offer(slot, float32(math.Exp2(max(heat-hottest, -100))))
		if b := out.Bar(); b != kept {
			kept, bar = b, math.Log2(float64(b))
		}
	})
}
