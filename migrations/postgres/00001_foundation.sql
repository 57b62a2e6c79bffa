-- +goose Up

-- What was chosen at the first start (time zone, currency) and must not change.
CREATE TABLE settings (
    name  TEXT   NOT NULL,
    value TEXT   NOT NULL,
    PRIMARY KEY (name)
);

-- How far each partition of a log has been applied, by whom (epoch), and what was counted on the way.
CREATE TABLE cursors (
    log        TEXT   NOT NULL,
    log_part   BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    pos        BIGINT NOT NULL,
    applied    BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    dead       BIGINT NOT NULL,
    unknown    BIGINT NOT NULL,
    newest     BIGINT NOT NULL,
    PRIMARY KEY (log, log_part)
);

-- The 128-bit id of every record that was applied, with the log (its hashed id) and position that won.
-- day is that of the append, for pruning.
CREATE TABLE inbox (
    part     BIGINT NOT NULL,
    hi       BIGINT NOT NULL,
    lo       BIGINT NOT NULL,
    log      BIGINT NOT NULL,
    pos       BIGINT NOT NULL,
    day      BIGINT NOT NULL,
    PRIMARY KEY (part, hi, lo)
);

-- Records that could not be applied. replayed is when one was sent again, 0 before.
CREATE TABLE dead_letters (
    log       TEXT   NOT NULL,
    log_part  BIGINT NOT NULL,
    pos       BIGINT NOT NULL,
    appended  BIGINT NOT NULL,
    reason    TEXT   NOT NULL,
    data      BYTEA  NOT NULL,
    replayed  BIGINT NOT NULL,
    PRIMARY KEY (log, log_part, pos)
);

-- One row: the number of the newest change of definitions. Replicas poll it.
CREATE TABLE revision (
    id BIGINT NOT NULL,
    n  BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- Experiments, metrics and layers as they stand.
CREATE TABLE definitions (
    kind    TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (kind, key)
);

-- Every version of every definition, with its author.
CREATE TABLE definition_changes (
    kind    TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    author  TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (kind, key, version)
);

-- The first time each unit met each variant; attributes are those of that moment.
CREATE TABLE exposures (
    part       BIGINT NOT NULL,
    unit       TEXT   NOT NULL,
    experiment TEXT   NOT NULL,
    variant    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    attributes TEXT   NOT NULL,
    PRIMARY KEY (part, unit, experiment, variant)
);

-- What happened to each unit, as it came. kind is that of the unit; late is 1 for what came after the allowed lateness.
CREATE TABLE facts (
    part BIGINT NOT NULL,
    unit TEXT   NOT NULL,
    type TEXT   NOT NULL,
    at   BIGINT NOT NULL,
    hi   BIGINT NOT NULL,
    lo   BIGINT NOT NULL,
    kind TEXT   NOT NULL,
    late BIGINT NOT NULL,
    data TEXT   NOT NULL,
    PRIMARY KEY (part, unit, type, at, hi, lo)
);

-- The ledger: exact sums of cross products (whole decimal numbers with blanks between them) by experiment, variant, metric, segment and day.
CREATE TABLE moments (
    shard      BIGINT NOT NULL,
    experiment TEXT   NOT NULL,
    phase      BIGINT NOT NULL,
    metric     TEXT   NOT NULL,
    variant    TEXT   NOT NULL,
    segment    TEXT   NOT NULL,
    day        BIGINT NOT NULL,
    sums       TEXT   NOT NULL,
    PRIMARY KEY (shard, experiment, phase, metric, variant, segment, day)
);

-- Every SKU that was ever sold or stocked.
CREATE TABLE sale_skus (
    part BIGINT NOT NULL,
    sku  TEXT   NOT NULL,
    item TEXT   NOT NULL,
    PRIMARY KEY (part, sku)
);

-- One line of an order event each, as the sales fold keeps it.
CREATE TABLE sale_lines (
    part           BIGINT NOT NULL,
    sku            TEXT   NOT NULL,
    order_id       TEXT   NOT NULL,
    hi             BIGINT NOT NULL,
    lo             BIGINT NOT NULL,
    user_id        TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    item           TEXT   NOT NULL,
    region         TEXT   NOT NULL,
    at             BIGINT NOT NULL,
    quantity       BIGINT NOT NULL,
    amount         BIGINT NOT NULL,
    other_currency BIGINT NOT NULL,
    event          TEXT   NOT NULL,
    PRIMARY KEY (part, sku, order_id, hi, lo)
);
CREATE INDEX sale_lines_by_user ON sale_lines (user_id, sku, part);
-- Every sale asks whether its user ever brought the SKU back; nearly nobody did.
CREATE INDEX sale_returns_by_user ON sale_lines (user_id, sku, part) WHERE kind = 'returned';

-- What sale_lines add up to, by the hour of the shop.
CREATE TABLE sale_hours (
    part           BIGINT NOT NULL,
    sku            TEXT   NOT NULL,
    start          BIGINT NOT NULL,
    region         TEXT   NOT NULL,
    quantity       BIGINT NOT NULL,
    revenue        BIGINT NOT NULL,
    other_currency BIGINT NOT NULL,
    deposits       BIGINT NOT NULL,
    PRIMARY KEY (part, sku, start, region)
);

-- The newest order of each part and the number of its changes.
CREATE TABLE sale_marks (
    part    BIGINT NOT NULL,
    newest  BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (part)
);

-- Stock events as they came. level is 1 for an absolute level, 0 for a change.
CREATE TABLE stock_moves (
    part     BIGINT NOT NULL,
    sku      TEXT   NOT NULL,
    location TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    hi       BIGINT NOT NULL,
    lo       BIGINT NOT NULL,
    region   TEXT   NOT NULL,
    level    BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (part, sku, location, version, hi, lo)
);

-- What planners say about buying each SKU.
CREATE TABLE supplies (
    part    BIGINT NOT NULL,
    sku     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (part, sku)
);

-- The promotion calendar.
CREATE TABLE calendar_events (
    key     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (key)
);

-- Stock plans as they were made.
CREATE TABLE stock_plans (
    id      TEXT   NOT NULL,
    created BIGINT NOT NULL,
    doc     TEXT   NOT NULL,
    PRIMARY KEY (id)
);

-- Trained recommender models; at most one is active.
CREATE TABLE models (
    version TEXT   NOT NULL,
    created BIGINT NOT NULL,
    active  BIGINT NOT NULL,
    about   TEXT   NOT NULL,
    data    BYTEA  NOT NULL,
    PRIMARY KEY (version)
);

-- Access keys. Only a hash of the secret is kept; revoked is 0 for a key in force.
CREATE TABLE api_keys (
    id      TEXT   NOT NULL,
    hash    TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    scopes  TEXT   NOT NULL,
    origins TEXT   NOT NULL,
    created BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    PRIMARY KEY (id)
);

INSERT INTO revision (id, n) VALUES (1, 0);

-- +goose Down
DROP TABLE api_keys;
DROP TABLE models;
DROP TABLE stock_plans;
DROP TABLE calendar_events;
DROP TABLE supplies;
DROP TABLE stock_moves;
DROP TABLE sale_marks;
DROP TABLE sale_hours;
DROP TABLE sale_lines;
DROP TABLE sale_skus;
DROP TABLE moments;
DROP TABLE facts;
DROP TABLE exposures;
DROP TABLE definition_changes;
DROP TABLE definitions;
DROP TABLE revision;
DROP TABLE dead_letters;
DROP TABLE inbox;
DROP TABLE cursors;
DROP TABLE settings;
