-- +goose Up

-- What the answers of each policy led to, by the day of the shop on which it happened. revenue is in minor units.
CREATE TABLE recommendation_credits (
    shard       BIGINT NOT NULL,
    experiment  TEXT   NOT NULL,
    policy      TEXT   NOT NULL,
    day         BIGINT NOT NULL,
    requests    BIGINT NOT NULL,
    impressions BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    carts       BIGINT NOT NULL,
    bought      BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    PRIMARY KEY (shard, experiment, policy, day)
);

-- What each unit took from lists in which two policies took turns: from the items of the first and of the second.
CREATE TABLE recommendation_duels (
    part          BIGINT NOT NULL,
    experiment    TEXT   NOT NULL,
    policies      TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    unit          TEXT   NOT NULL,
    first_clicks  BIGINT NOT NULL,
    second_clicks BIGINT NOT NULL,
    first_bought  BIGINT NOT NULL,
    second_bought BIGINT NOT NULL,
    PRIMARY KEY (part, experiment, policies, kind, unit)
);

-- +goose Down

DROP TABLE recommendation_duels;
DROP TABLE recommendation_credits;
