-- "What if" on a plan, runs that stay close to a plan, and until when a plan was followed.

-- What a run is for. The planner's queue takes plans before what people only try.
ALTER TABLE plan_runs ADD COLUMN purpose TEXT NOT NULL DEFAULT 'plan'
    CONSTRAINT plan_runs_purpose CHECK (purpose IN ('plan', 'replan', 'what_if'));

-- The first day it is no longer followed, because another plan begins.
ALTER TABLE plans ADD COLUMN followed_until DATE;
-- What fewer moved visits would cost in minutes, as the planner wrote it; empty for a plan that stays close to none.
ALTER TABLE plans ADD COLUMN trade_offs TEXT NOT NULL DEFAULT '[]';

UPDATE plans SET followed_until = (
    SELECT MIN(later.effective_from) FROM plans AS later
    WHERE later.term_id = plans.term_id AND later.published_at > plans.published_at
) WHERE state = 'superseded';

-- The plan that a run starts from and stays close to.
CREATE TABLE plan_run_starts (
    plan_run_id UUID NOT NULL CONSTRAINT plan_run_starts_pkey PRIMARY KEY
        CONSTRAINT plan_run_starts_run_fkey REFERENCES plan_runs (id),
    plan_id UUID NOT NULL CONSTRAINT plan_run_starts_plan_fkey REFERENCES plans (id),
    minutes_per_moved_visit BIGINT NOT NULL,
    pinned_visit_ids TEXT NOT NULL,
    CONSTRAINT plan_run_starts_minutes CHECK (minutes_per_moved_visit >= 0)
);

-- A list of changes tried on a plan. Its plan is a document only: nobody can publish it.
CREATE TABLE scenarios (
    id UUID NOT NULL CONSTRAINT scenarios_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT scenarios_code_key UNIQUE,
    name TEXT NOT NULL,
    plan_id UUID NOT NULL CONSTRAINT scenarios_plan_fkey REFERENCES plans (id),
    plan_run_id UUID NOT NULL CONSTRAINT scenarios_run_key UNIQUE
        CONSTRAINT scenarios_run_fkey REFERENCES plan_runs (id),
    changes TEXT NOT NULL,
    sentences TEXT NOT NULL,
    cents_per_week BIGINT NOT NULL,
    document_json TEXT,
    measures TEXT,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX scenarios_plan ON scenarios (plan_id);
