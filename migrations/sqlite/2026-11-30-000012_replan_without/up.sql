-- Specialists that a run leaves out, because they are away for long.
ALTER TABLE plan_run_starts ADD COLUMN without_specialist_ids TEXT NOT NULL DEFAULT '[]';
