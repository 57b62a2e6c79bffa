package ui

// Models lists the recommender's models, the newest first.
type Models struct {
	Error    string
	Training *Training // nil while none is running
	Rows     []ModelRow
}

// Training is a training that is running.
type Training struct {
	Since, Step string
	Done        float64 // share of the work
}

// ModelRow is a model and how it did offline.
type ModelRow struct {
	Version, Created, AsOf string
	Active                 bool
	Items, Interactions    int
	Seconds                float64 // of the training
	Notes                  string  // on how it works
	Visitors               int     // held out of the training
	Worse                  bool    // than the model that was active then
	Scores                 []OfflineScore
	Parts                  []OfflineScore // with a part of it and without
}

// OfflineScore is how a model did on what was held out.
type OfflineScore struct {
	Name         string
	Recall, NDCG float64 // recall@20, NDCG@10
}
