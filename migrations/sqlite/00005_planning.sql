-- +goose Up

-- What became of the deposits of a presale, by the hour in which they were
-- paid; balances are those paid in the hour itself.
CREATE TABLE presale_hours (
    part          BIGINT NOT NULL,
    sku           TEXT   NOT NULL,
    event         TEXT   NOT NULL,
    start         BIGINT NOT NULL,
    deposits      BIGINT NOT NULL,
    deposit_value BIGINT NOT NULL,
    void          BIGINT NOT NULL,
    paid          BIGINT NOT NULL,
    returned      BIGINT NOT NULL,
    balances      BIGINT NOT NULL,
    PRIMARY KEY (part, sku, event, start)
) WITHOUT ROWID;
CREATE INDEX presale_hours_by_start ON presale_hours (start);

-- The night of a sale asks for the sales of today only.
CREATE INDEX sale_hours_by_start ON sale_hours (start);

-- What planners said against the forecast, every version of it.
CREATE TABLE overrides (
    part    BIGINT NOT NULL,
    sku     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (part, sku, version)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE overrides;
DROP INDEX sale_hours_by_start;
DROP TABLE presale_hours;
