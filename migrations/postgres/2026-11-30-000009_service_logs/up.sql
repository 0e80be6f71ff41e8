-- What was delivered: make-ups and cover on dated visits, logs of which every version stays, and months that are locked.

-- A weekly visit stands once on a date; a make-up carries the weekly visit that it makes up for and may stand beside it.
ALTER TABLE dated_visits ADD COLUMN kind TEXT NOT NULL DEFAULT 'weekly'
    CONSTRAINT dated_visits_kind CHECK (kind IN ('weekly', 'make_up'));
ALTER TABLE dated_visits ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE dated_visits ADD COLUMN makes_up_id UUID
    CONSTRAINT dated_visits_makes_up_fkey REFERENCES dated_visits (id);
ALTER TABLE dated_visits ADD COLUMN covered_by_specialist_id UUID
    CONSTRAINT dated_visits_cover_fkey REFERENCES specialists (id);
ALTER TABLE dated_visits ADD COLUMN log_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dated_visits ALTER COLUMN log_version DROP DEFAULT;
ALTER TABLE dated_visits ADD CONSTRAINT dated_visits_makes_up CHECK ((kind = 'make_up') = (makes_up_id IS NOT NULL));
ALTER TABLE dated_visits DROP CONSTRAINT dated_visits_once;
CREATE UNIQUE INDEX dated_visits_once ON dated_visits (visit_id, visit_on) WHERE kind = 'weekly';
CREATE INDEX dated_visits_cover ON dated_visits (covered_by_specialist_id, visit_on);
CREATE INDEX dated_visits_request ON dated_visits (service_request_id, visit_on);
CREATE INDEX dated_visits_makes_up ON dated_visits (makes_up_id);

-- One row a version; the version that counts is the log_version of the dated visit. There is no place for a text.
CREATE TABLE service_logs (
    id UUID NOT NULL CONSTRAINT service_logs_pkey PRIMARY KEY,
    dated_visit_id UUID NOT NULL CONSTRAINT service_logs_visit_fkey REFERENCES dated_visits (id),
    version BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    reason TEXT,
    group_size BIGINT,
    account_id UUID NOT NULL CONSTRAINT service_logs_account_fkey REFERENCES accounts (id),
    logged_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT service_logs_version_key UNIQUE (dated_visit_id, version),
    CONSTRAINT service_logs_outcome CHECK (outcome IN ('delivered', 'did_not_take_place', 'not_logged')),
    CONSTRAINT service_logs_minutes CHECK (minutes >= 0 AND (outcome = 'delivered') = (minutes > 0)),
    CONSTRAINT service_logs_reason CHECK ((outcome = 'did_not_take_place') = (reason IS NOT NULL)),
    CONSTRAINT service_logs_reasons CHECK (
        reason IN ('student_absent_excused', 'student_absent_unexcused', 'provider_absent', 'closure', 'activity',
            'declined', 'other')
    ),
    CONSTRAINT service_logs_group CHECK (group_size > 0)
);
CREATE FUNCTION service_logs_no_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'logs are only ever appended to';
END $$;
CREATE TRIGGER service_logs_no_change BEFORE UPDATE ON service_logs
FOR EACH ROW EXECUTE FUNCTION service_logs_no_change();

CREATE TABLE locked_months (
    id UUID NOT NULL CONSTRAINT locked_months_pkey PRIMARY KEY,
    month TEXT NOT NULL CONSTRAINT locked_months_month_key UNIQUE,
    account_id UUID NOT NULL CONSTRAINT locked_months_account_fkey REFERENCES accounts (id),
    locked_at TIMESTAMPTZ NOT NULL
);
