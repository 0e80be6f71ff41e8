-- What was delivered: make-ups and cover on dated visits, logs of which every version stays, and months that are locked.

-- SQLite cannot drop a constraint: the table is made again. A weekly visit stands once on a date; a make-up carries the
-- weekly visit that it makes up for and may stand beside it.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE dated_visits_before AS SELECT * FROM dated_visits;
DROP TABLE dated_visits;
CREATE TABLE dated_visits (
    id TEXT NOT NULL CONSTRAINT dated_visits_pkey PRIMARY KEY,
    plan_id TEXT NOT NULL CONSTRAINT dated_visits_plan_fkey REFERENCES plans (id),
    visit_id TEXT NOT NULL CONSTRAINT dated_visits_visit_fkey REFERENCES visits (id),
    specialist_id TEXT NOT NULL CONSTRAINT dated_visits_specialist_fkey REFERENCES specialists (id),
    service_request_id TEXT NOT NULL CONSTRAINT dated_visits_request_fkey REFERENCES service_requests (id),
    site_id TEXT NOT NULL CONSTRAINT dated_visits_site_fkey REFERENCES sites (id),
    member_id TEXT NOT NULL CONSTRAINT dated_visits_member_fkey REFERENCES members (id),
    visit_on TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    kind TEXT NOT NULL,
    makes_up_id TEXT CONSTRAINT dated_visits_makes_up_fkey REFERENCES dated_visits (id),
    covered_by_specialist_id TEXT CONSTRAINT dated_visits_cover_fkey REFERENCES specialists (id),
    log_version INTEGER NOT NULL,
    CONSTRAINT dated_visits_state CHECK (state IN ('planned', 'closed', 'early_release', 'not_covered')),
    CONSTRAINT dated_visits_kind CHECK (kind IN ('weekly', 'make_up')),
    CONSTRAINT dated_visits_makes_up CHECK ((kind = 'make_up') = (makes_up_id IS NOT NULL))
) STRICT;
INSERT INTO dated_visits
SELECT id, plan_id, visit_id, specialist_id, service_request_id, site_id, member_id, visit_on, starts, ends, state, reason,
    'weekly', NULL, NULL, 0
FROM dated_visits_before;
DROP TABLE temp.dated_visits_before;
CREATE UNIQUE INDEX dated_visits_once ON dated_visits (visit_id, visit_on) WHERE kind = 'weekly';
CREATE INDEX dated_visits_plan ON dated_visits (plan_id, visit_on);
CREATE INDEX dated_visits_specialist ON dated_visits (specialist_id, visit_on);
CREATE INDEX dated_visits_cover ON dated_visits (covered_by_specialist_id, visit_on);
CREATE INDEX dated_visits_member ON dated_visits (member_id, visit_on);
CREATE INDEX dated_visits_request ON dated_visits (service_request_id, visit_on);
CREATE INDEX dated_visits_makes_up ON dated_visits (makes_up_id);

-- One row a version; the version that counts is the log_version of the dated visit. There is no place for a text.
CREATE TABLE service_logs (
    id TEXT NOT NULL CONSTRAINT service_logs_pkey PRIMARY KEY,
    dated_visit_id TEXT NOT NULL CONSTRAINT service_logs_visit_fkey REFERENCES dated_visits (id),
    version INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    reason TEXT,
    group_size INTEGER,
    account_id TEXT NOT NULL CONSTRAINT service_logs_account_fkey REFERENCES accounts (id),
    logged_at TEXT NOT NULL,
    CONSTRAINT service_logs_version_key UNIQUE (dated_visit_id, version),
    CONSTRAINT service_logs_outcome CHECK (outcome IN ('delivered', 'did_not_take_place', 'not_logged')),
    CONSTRAINT service_logs_minutes CHECK (minutes >= 0 AND (outcome = 'delivered') = (minutes > 0)),
    CONSTRAINT service_logs_reason CHECK ((outcome = 'did_not_take_place') = (reason IS NOT NULL)),
    CONSTRAINT service_logs_reasons CHECK (
        reason IN ('student_absent_excused', 'student_absent_unexcused', 'provider_absent', 'closure', 'activity',
            'declined', 'other')
    ),
    CONSTRAINT service_logs_group CHECK (group_size > 0)
) STRICT;
CREATE TRIGGER service_logs_no_change BEFORE UPDATE ON service_logs
BEGIN
    SELECT RAISE(ABORT, 'logs are only ever appended to');
END;

CREATE TABLE locked_months (
    id TEXT NOT NULL CONSTRAINT locked_months_pkey PRIMARY KEY,
    month TEXT NOT NULL CONSTRAINT locked_months_month_key UNIQUE,
    account_id TEXT NOT NULL CONSTRAINT locked_months_account_fkey REFERENCES accounts (id),
    locked_at TEXT NOT NULL
) STRICT;
