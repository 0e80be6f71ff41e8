-- Private links to calendars; how often dated visits changed; and the visits that calendars show as cancelled for a while.

CREATE TABLE calendar_feeds (
    id TEXT NOT NULL CONSTRAINT calendar_feeds_pkey PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT calendar_feeds_account_fkey REFERENCES accounts (id),
    specialist_id TEXT CONSTRAINT calendar_feeds_specialist_fkey REFERENCES specialists (id),
    site_id TEXT CONSTRAINT calendar_feeds_site_fkey REFERENCES sites (id),
    secret_sha256 TEXT NOT NULL CONSTRAINT calendar_feeds_secret_key UNIQUE,
    with_drives INTEGER NOT NULL,
    last_used_on TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT calendar_feeds_subject CHECK ((specialist_id IS NULL) <> (site_id IS NULL))
) STRICT;
CREATE INDEX calendar_feeds_account ON calendar_feeds (account_id);

ALTER TABLE dated_visits ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dated_visits ADD COLUMN changed_at TEXT;
CREATE INDEX dated_visits_site ON dated_visits (site_id, visit_on);

CREATE TABLE dropped_visits (
    id TEXT NOT NULL CONSTRAINT dropped_visits_pkey PRIMARY KEY,
    dated_visit_id TEXT NOT NULL,
    plan_id TEXT NOT NULL CONSTRAINT dropped_visits_plan_fkey REFERENCES plans (id),
    specialist_id TEXT NOT NULL CONSTRAINT dropped_visits_specialist_fkey REFERENCES specialists (id),
    service_request_id TEXT NOT NULL CONSTRAINT dropped_visits_request_fkey REFERENCES service_requests (id),
    site_id TEXT NOT NULL CONSTRAINT dropped_visits_site_fkey REFERENCES sites (id),
    visit_on TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    kind TEXT NOT NULL,
    was_cover INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    dropped_at TEXT NOT NULL
) STRICT;
CREATE INDEX dropped_visits_specialist ON dropped_visits (specialist_id);
CREATE INDEX dropped_visits_site ON dropped_visits (site_id);
