-- Private links to calendars; how often dated visits changed; and the visits that calendars show as cancelled for a while.

CREATE TABLE calendar_feeds (
    id UUID NOT NULL CONSTRAINT calendar_feeds_pkey PRIMARY KEY,
    account_id UUID NOT NULL CONSTRAINT calendar_feeds_account_fkey REFERENCES accounts (id),
    specialist_id UUID CONSTRAINT calendar_feeds_specialist_fkey REFERENCES specialists (id),
    site_id UUID CONSTRAINT calendar_feeds_site_fkey REFERENCES sites (id),
    secret_sha256 TEXT NOT NULL CONSTRAINT calendar_feeds_secret_key UNIQUE,
    with_drives BOOLEAN NOT NULL,
    last_used_on DATE,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT calendar_feeds_subject CHECK ((specialist_id IS NULL) <> (site_id IS NULL))
);
CREATE INDEX calendar_feeds_account ON calendar_feeds (account_id);

ALTER TABLE dated_visits ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dated_visits ADD COLUMN changed_at TIMESTAMPTZ;
CREATE INDEX dated_visits_site ON dated_visits (site_id, visit_on);

CREATE TABLE dropped_visits (
    id UUID NOT NULL CONSTRAINT dropped_visits_pkey PRIMARY KEY,
    dated_visit_id UUID NOT NULL,
    plan_id UUID NOT NULL CONSTRAINT dropped_visits_plan_fkey REFERENCES plans (id),
    specialist_id UUID NOT NULL CONSTRAINT dropped_visits_specialist_fkey REFERENCES specialists (id),
    service_request_id UUID NOT NULL CONSTRAINT dropped_visits_request_fkey REFERENCES service_requests (id),
    site_id UUID NOT NULL CONSTRAINT dropped_visits_site_fkey REFERENCES sites (id),
    visit_on DATE NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    kind TEXT NOT NULL,
    was_cover BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    dropped_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX dropped_visits_specialist ON dropped_visits (specialist_id);
CREATE INDEX dropped_visits_site ON dropped_visits (site_id);
