ALTER TABLE plan_run_starts DROP COLUMN without_specialist_ids;
