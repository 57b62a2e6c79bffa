-- +goose Up

-- The phase of the experiment in which the unit met the variant: since the last change of weights before it.
ALTER TABLE exposures ADD COLUMN phase BIGINT NOT NULL DEFAULT 1;

-- +goose Down

ALTER TABLE exposures DROP COLUMN phase;
