-- +goose Up

-- What the last background pass over units found of each experiment, as JSON.
CREATE TABLE findings (
    experiment TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    doc        TEXT   NOT NULL,
    PRIMARY KEY (experiment)
) WITHOUT ROWID;

-- How far what an experiment was given later (its generation) has been rebuilt from kept facts: units up to upto of each part are done. touched grows with every batch that reads it, so that a batch and a rebuild cannot pass each other unseen.
CREATE TABLE rebuilds (
    part       BIGINT NOT NULL,
    experiment TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    upto       TEXT   NOT NULL,
    touched    BIGINT NOT NULL,
    PRIMARY KEY (part, experiment, generation)
) WITHOUT ROWID;

-- +goose Down

DROP TABLE rebuilds;
DROP TABLE findings;
