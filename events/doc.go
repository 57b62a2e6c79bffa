// Package events is the language of peakday: the facts that flow through it,
// the log they flow through, and the consumer that folds them into state.
//
// An event arrives as a CloudEvent (DecodeEvent, DecodeBatch, DecodeNDJSON),
// becomes a checked Fact (Parse), is routed to one Record for each key that a
// fold needs (Route), and is appended to a partitioned Log. A Consumer reads
// each partition in order and commits cursor, inbox and effects together:
//
//	Event ── Parse ──► Fact ── Route ──► Record… ── Log ──► Consumer ──► Fold (in the transaction)
//	                                                              └────► Follower (after it)
//
// The Intake does the first half for HTTP and imports:
//
//	in := events.NewIntake(log, inbox, "CNY", time.Now)
//	receipt, err := in.Accept(ctx, batch, events.Channel{Trusted: true}) // returns when the batch is durable
//
// The words that the domain packages share (UserID, Unit, ItemID, SKU, Money)
// live here, so that those packages need not know each other.
package events
