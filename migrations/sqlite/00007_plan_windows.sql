-- +goose Up

-- What a plan is for, beside the plan: a list of plans reads no documents.
ALTER TABLE stock_plans ADD COLUMN event TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_plans ADD COLUMN from_day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stock_plans ADD COLUMN to_day BIGINT NOT NULL DEFAULT 0;
UPDATE stock_plans SET
    event = COALESCE(json_extract(doc, '$.event'), ''),
    from_day = COALESCE(CAST(julianday(json_extract(doc, '$.from')) - 2440587.5 AS BIGINT), 0),
    to_day = COALESCE(CAST(julianday(json_extract(doc, '$.to')) - 2440587.5 AS BIGINT), 0);

-- +goose Down
ALTER TABLE stock_plans DROP COLUMN to_day;
ALTER TABLE stock_plans DROP COLUMN from_day;
ALTER TABLE stock_plans DROP COLUMN event;
