package experiments

// The attributes that peakday computes from what it has seen. What a client
// sends under these names is not believed.
const (
	CustomerAttribute   = "customer"         // new or returning: whether the user has bought before
	MemberTierAttribute = "member_tier"      // of the newest user.changed event, which only trusted keys send
	RFMTierAttribute    = "rfm_tier"         // how recently and how often the user buys
	RFMDaysAttribute    = "rfm_recency_days" // since the last order; absent without one
	RFMOrdersAttribute  = "rfm_orders"       // of the last year
)

// IsComputed reports whether peakday computes the attribute.
func IsComputed(name string) bool {
	switch name {
	case CustomerAttribute, MemberTierAttribute, RFMTierAttribute, RFMDaysAttribute, RFMOrdersAttribute:
		return true
	}
	return false
}
