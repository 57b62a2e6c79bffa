// Package tower learns two towers: one turns a visitor at a moment into a
// vector of length 1, the other an item, so that their inner product tells how
// likely the visitor is to want the item next.
//
//	steps (item, event, time) ── weight by place, event and gap ──► Σ ─┐
//	hour, counts of 30 minutes, latest category, tier, region ─────► Σ ─┴─► user ─┐
//	                                                                             ├─► · ─► score
//	item: id (left out now and then), category, brand, price, tags ──► Σ ─► item ─┘
//
// A step's item is the item's id once more, and a correction of its own: what is
// learned of an item that came next is known of it as a step of the past.
//
// Both are trained together by the softmax cross-entropy of the next step over
// sampled items (see Train). An item that came after training has a vector from
// its features alone, a visitor who came after training one from the steps.
//
//	model, err := tower.Train(ctx, &tower.Corpus{Items: …, Visitors: …}, tower.Training{Seed: 1})
//	user, err := model.UserVector(&visitor, now)
//	index := ann.New(model.Vectors(), …)
//
// The package is pure and knows nothing of the shop: items, events and features
// are numbers, Vocabulary gives features theirs. Matrices are multiplied in
// assembly where the processor has AVX-512 or AVX2, and every kernel gives the
// same bits, so that a seed gives one model on every amd64 machine, however
// many cores it has. Other architectures compute in plain Go; their compilers
// may fuse or order the arithmetic around the kernels differently, and a model
// trained there can differ in its last bits.
package tower
