package ui

// Operation is how far events have been applied, and what could not be.
type Operation struct {
	Waiting                                 []string // what the service waits for
	Done                                    string   // what was done just now
	Log                                     string
	Lag, Applied, Duplicates, Dead, Unknown int64
	PerSecond                               *float64 // nil until it is known
	Partitions                              []PartitionRow
	Letters                                 []LetterRow // the oldest first
	More                                    bool        // letters than are shown
}

// PartitionRow is a partition of the log.
type PartitionRow struct {
	Partition                                         int
	Position, Lag, Applied, Duplicates, Dead, Unknown int64
	AsOf                                              string // of the newest event applied
}

// LetterRow is a record that could not be applied.
type LetterRow struct{ At, Appended, Reason, Source, ID, Type, Key, Data string }
