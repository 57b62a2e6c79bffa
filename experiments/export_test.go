package experiments

// NewMemoryStore gives the examples a store.
func NewMemoryStore() Store { return newMemoryStore() }
