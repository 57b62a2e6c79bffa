-- +goose Up

-- How often the moments of a day were changed: who keeps them in memory reads again only the days that changed.
CREATE TABLE moment_marks (
    experiment TEXT   NOT NULL,
    shard      BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (experiment, shard, day)
) WITHOUT ROWID;
INSERT INTO moment_marks (experiment, shard, day, n) SELECT DISTINCT experiment, shard, day, 1 FROM moments;

-- +goose Down

DROP TABLE moment_marks;
