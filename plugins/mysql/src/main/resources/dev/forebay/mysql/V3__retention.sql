-- DDL is no transaction: a file that was cut off is applied again. An index that is there already is none too many.
-- By these, rows that are too old are found.
ALTER TABLE heartbeats ADD INDEX by_at (at);
ALTER TABLE budget_grants ADD INDEX by_month (month);
ALTER TABLE register_changes ADD INDEX by_at (at);
