ALTER TABLE plan_runs DROP COLUMN progress_curve;
