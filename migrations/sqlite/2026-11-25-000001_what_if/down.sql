DROP TABLE scenarios;
DROP TABLE plan_run_starts;
ALTER TABLE plans DROP COLUMN trade_offs;
ALTER TABLE plans DROP COLUMN followed_until;
ALTER TABLE plan_runs DROP COLUMN purpose;
