-- DDL is no transaction: a file that was cut off is applied again, so each statement may be repeated.
-- What each request used. Rows are added and never changed. The primary key is the order of
-- arrival within a shard, so rows are added at one place; seq also tells a move of a shard what is new.
CREATE TABLE IF NOT EXISTS usage_records (
  shard TINYINT UNSIGNED NOT NULL,
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id VARCHAR(64) NOT NULL,
  at BIGINT NOT NULL,
  day DATE NOT NULL,
  tenant VARCHAR(64) NOT NULL,
  user VARCHAR(128) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  model VARCHAR(128) NOT NULL,
  backend VARCHAR(64) NOT NULL,
  prompt_tokens INT UNSIGNED NOT NULL,
  cached_tokens INT UNSIGNED NOT NULL,
  completion_tokens INT UNSIGNED NOT NULL,
  reasoning_tokens INT UNSIGNED NOT NULL,
  replayed TINYINT NOT NULL,
  nanodollars BIGINT NOT NULL,
  outcome VARCHAR(24) NOT NULL,
  latency_millis BIGINT NOT NULL,
  cache VARCHAR(16) NOT NULL,
  job VARCHAR(64) NOT NULL,
  PRIMARY KEY (shard, seq),
  UNIQUE KEY by_id (shard, id),
  KEY by_seq (seq),
  KEY by_user (shard, tenant, user, at),
  KEY by_tenant_day (tenant, day),
  KEY by_day_only (day)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Sums of the records of a day; written in the transaction that adds the records.
CREATE TABLE IF NOT EXISTS usage_daily (
  tenant VARCHAR(64) NOT NULL,
  day DATE NOT NULL,
  model VARCHAR(128) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  backend VARCHAR(64) NOT NULL,
  outcome VARCHAR(24) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  requests BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL,
  cached_tokens BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  reasoning_tokens BIGINT NOT NULL,
  replayed_tokens BIGINT NOT NULL,
  nanodollars BIGINT NOT NULL,
  PRIMARY KEY (tenant, day, model, key_id, backend, outcome, shard),
  KEY by_day (day, tenant),
  KEY by_shard (shard, day)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Whether a shard may be written here: a move of a shard closes it.
CREATE TABLE IF NOT EXISTS shard_state (
  shard TINYINT UNSIGNED NOT NULL,
  writable TINYINT NOT NULL,
  PRIMARY KEY (shard)
) ENGINE = InnoDB;

-- A time that each gateway writes at the primary and reads at replicas, to see how far they lag.
CREATE TABLE IF NOT EXISTS heartbeats (
  gateway VARCHAR(64) NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (gateway)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
