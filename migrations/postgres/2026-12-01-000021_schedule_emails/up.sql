-- E-mails about changes of visits: what schools and staff were last told of each, what they are still to be told, and how
-- people want to be told. What a publication changed, so that it can be taken back until its e-mails go out.

ALTER TABLE dated_visits ADD COLUMN told_school TEXT NOT NULL DEFAULT '';
ALTER TABLE dated_visits ADD COLUMN told_staff TEXT NOT NULL DEFAULT '';
ALTER TABLE dated_visits ADD COLUMN is_untold BOOLEAN NOT NULL DEFAULT FALSE;
-- What stands when this comes counts as told.
UPDATE dated_visits
SET told_staff = CASE WHEN covered_by_specialist_id IS NULL THEN state ELSE 'covered:' || covered_by_specialist_id::text END;
UPDATE dated_visits
SET told_school = CASE WHEN told_staff IN ('closed', 'early_release') THEN 'planned' ELSE told_staff END;
CREATE INDEX dated_visits_untold ON dated_visits (is_untold);

ALTER TABLE dropped_visits ADD COLUMN visit_id UUID;
ALTER TABLE dropped_visits ADD COLUMN member_id UUID;
ALTER TABLE dropped_visits ADD COLUMN state TEXT;
ALTER TABLE dropped_visits ADD COLUMN reason TEXT;
ALTER TABLE dropped_visits ADD COLUMN makes_up_id UUID;
ALTER TABLE dropped_visits ADD COLUMN covered_by_specialist_id UUID;
ALTER TABLE dropped_visits ADD COLUMN told_school TEXT NOT NULL DEFAULT '';
ALTER TABLE dropped_visits ADD COLUMN told_staff TEXT NOT NULL DEFAULT '';
ALTER TABLE dropped_visits ADD COLUMN tell_at TIMESTAMPTZ;
CREATE INDEX dropped_visits_tell ON dropped_visits (tell_at);

CREATE TABLE schedule_news (
    id UUID NOT NULL CONSTRAINT schedule_news_pkey PRIMARY KEY,
    reader TEXT NOT NULL,
    dated_visit_id UUID NOT NULL,
    specialist_id UUID NOT NULL CONSTRAINT schedule_news_specialist_fkey REFERENCES specialists (id),
    service_request_id UUID NOT NULL CONSTRAINT schedule_news_request_fkey REFERENCES service_requests (id),
    site_id UUID NOT NULL CONSTRAINT schedule_news_site_fkey REFERENCES sites (id),
    visit_on DATE NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    told TEXT NOT NULL,
    news TEXT NOT NULL,
    at_once BOOLEAN NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT schedule_news_once UNIQUE (reader, dated_visit_id),
    CONSTRAINT schedule_news_kind CHECK (kind IN ('weekly', 'make_up'))
);
CREATE INDEX schedule_news_due ON schedule_news (due_at);
CREATE INDEX schedule_news_visit ON schedule_news (dated_visit_id);

CREATE TABLE email_choices (
    account_id UUID NOT NULL CONSTRAINT email_choices_pkey PRIMARY KEY
        CONSTRAINT email_choices_account_fkey REFERENCES accounts (id),
    schedule TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT email_choices_schedule CHECK (schedule IN ('each_change', 'daily_summary'))
);

CREATE TABLE publications (
    plan_id UUID NOT NULL CONSTRAINT publications_pkey PRIMARY KEY
        CONSTRAINT publications_plan_fkey REFERENCES plans (id),
    published_at TIMESTAMPTZ NOT NULL,
    emails_at TIMESTAMPTZ NOT NULL,
    undo TEXT NOT NULL
);
