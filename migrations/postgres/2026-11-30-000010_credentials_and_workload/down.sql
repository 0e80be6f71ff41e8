ALTER TABLE specialist_contracts DROP COLUMN paid_minutes_per_week;
DROP TABLE supervision_logs;
DROP TABLE indirect_blocks;
DROP TABLE credentials;
