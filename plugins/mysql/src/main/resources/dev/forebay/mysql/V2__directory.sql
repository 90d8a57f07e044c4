-- DDL is no transaction: a file that was cut off is applied again, so each statement may be repeated.
-- Tables of the directory: only those of the first database are used.
CREATE TABLE IF NOT EXISTS shards (
  shard TINYINT UNSIGNED NOT NULL,
  place VARCHAR(64) NOT NULL,
  PRIMARY KEY (shard)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS usage_counted (
  day DATE NOT NULL,
  tenant VARCHAR(64) NOT NULL,
  counter VARCHAR(64) NOT NULL,
  requests BIGINT NOT NULL,
  tokens BIGINT NOT NULL,
  nanodollars BIGINT NOT NULL,
  PRIMARY KEY (day, tenant, counter)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS register_version (
  one TINYINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (one)
) ENGINE = InnoDB;

INSERT IGNORE INTO register_version (one, version) VALUES (1, 1);

CREATE TABLE IF NOT EXISTS api_keys (
  id VARCHAR(64) NOT NULL,
  sha256 CHAR(64) NOT NULL,
  tenant VARCHAR(64) NOT NULL,
  priority TINYINT NOT NULL,
  models TEXT NOT NULL,
  revoked TINYINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY by_hash (sha256),
  KEY by_revoked (revoked, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS budgets (
  id VARCHAR(96) NOT NULL,
  scope VARCHAR(16) NOT NULL,
  whose VARCHAR(64) NOT NULL,
  unit VARCHAR(16) NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS budget_grants (
  budget VARCHAR(96) NOT NULL,
  month CHAR(7) NOT NULL,
  gateway VARCHAR(64) NOT NULL,
  granted BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  PRIMARY KEY (budget, month, gateway)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS register_changes (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  at BIGINT NOT NULL,
  by_whom VARCHAR(64) NOT NULL,
  what VARCHAR(255) NOT NULL,
  PRIMARY KEY (seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
