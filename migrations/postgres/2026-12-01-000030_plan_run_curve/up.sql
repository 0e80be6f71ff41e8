-- How the best plan and the limit grew together while the planner was at work, as JSON.
ALTER TABLE plan_runs ADD COLUMN progress_curve TEXT NOT NULL DEFAULT '[]';
