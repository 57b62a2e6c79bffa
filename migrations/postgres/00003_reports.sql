-- +goose Up

-- What the last background pass over units found of each experiment, as JSON.
CREATE TABLE findings (
    experiment TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    doc        TEXT   NOT NULL,
    PRIMARY KEY (experiment)
);

-- +goose Down

DROP TABLE findings;
