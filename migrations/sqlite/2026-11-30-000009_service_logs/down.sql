DROP TABLE locked_months;
DROP TABLE service_logs;
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE dated_visits_before AS SELECT * FROM dated_visits WHERE kind = 'weekly';
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
    CONSTRAINT dated_visits_once UNIQUE (visit_id, visit_on),
    CONSTRAINT dated_visits_state CHECK (state IN ('planned', 'closed', 'early_release', 'not_covered'))
) STRICT;
INSERT INTO dated_visits
SELECT id, plan_id, visit_id, specialist_id, service_request_id, site_id, member_id, visit_on, starts, ends, state, reason
FROM dated_visits_before;
DROP TABLE temp.dated_visits_before;
CREATE INDEX dated_visits_plan ON dated_visits (plan_id, visit_on);
CREATE INDEX dated_visits_specialist ON dated_visits (specialist_id, visit_on);
CREATE INDEX dated_visits_member ON dated_visits (member_id, visit_on);
