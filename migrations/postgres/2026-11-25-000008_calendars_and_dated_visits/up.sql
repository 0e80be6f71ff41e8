-- The school year: days that are closed or end early, days a specialist is away, and the visits of plans with their
-- dates. `_on` dates are inside. There is no place for a text about why somebody is away.

CREATE TABLE calendar_entries (
    id UUID NOT NULL CONSTRAINT calendar_entries_pkey PRIMARY KEY,
    member_id UUID NOT NULL CONSTRAINT calendar_entries_member_fkey REFERENCES members (id),
    site_id UUID CONSTRAINT calendar_entries_site_fkey REFERENCES sites (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    released TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT calendar_entries_kind CHECK (
        kind IN ('holiday', 'closure', 'testing', 'intersession', 'early_release')
    ),
    CONSTRAINT calendar_entries_days CHECK (ends_on >= starts_on),
    CONSTRAINT calendar_entries_released CHECK ((kind = 'early_release') = (released IS NOT NULL))
);
CREATE INDEX calendar_entries_member ON calendar_entries (member_id, starts_on);

CREATE TABLE time_away (
    id UUID NOT NULL CONSTRAINT time_away_pkey PRIMARY KEY,
    specialist_id UUID NOT NULL CONSTRAINT time_away_specialist_fkey REFERENCES specialists (id),
    reason TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    starts TEXT,
    ends TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT time_away_reason CHECK (
        reason IN ('illness', 'family', 'vacation', 'professional', 'off_contract', 'other')
    ),
    CONSTRAINT time_away_days CHECK (ends_on >= starts_on),
    CONSTRAINT time_away_part CHECK ((starts IS NULL) = (ends IS NULL))
);
CREATE INDEX time_away_specialist ON time_away (specialist_id, starts_on);

CREATE TABLE dated_visits (
    id UUID NOT NULL CONSTRAINT dated_visits_pkey PRIMARY KEY,
    plan_id UUID NOT NULL CONSTRAINT dated_visits_plan_fkey REFERENCES plans (id),
    visit_id UUID NOT NULL CONSTRAINT dated_visits_visit_fkey REFERENCES visits (id),
    specialist_id UUID NOT NULL CONSTRAINT dated_visits_specialist_fkey REFERENCES specialists (id),
    service_request_id UUID NOT NULL CONSTRAINT dated_visits_request_fkey REFERENCES service_requests (id),
    site_id UUID NOT NULL CONSTRAINT dated_visits_site_fkey REFERENCES sites (id),
    member_id UUID NOT NULL CONSTRAINT dated_visits_member_fkey REFERENCES members (id),
    visit_on DATE NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT dated_visits_once UNIQUE (visit_id, visit_on),
    CONSTRAINT dated_visits_state CHECK (state IN ('planned', 'closed', 'early_release', 'not_covered'))
);
CREATE INDEX dated_visits_plan ON dated_visits (plan_id, visit_on);
CREATE INDEX dated_visits_specialist ON dated_visits (specialist_id, visit_on);
CREATE INDEX dated_visits_member ON dated_visits (member_id, visit_on);
