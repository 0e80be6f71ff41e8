-- The spine: members lend and borrow specialists, ask for hours, and get a published weekly plan.
-- Students do not exist in this schema. Money is whole cents, time whole minutes. `_until` dates are exclusive.

CREATE TABLE disciplines (
    code TEXT NOT NULL CONSTRAINT disciplines_pkey PRIMARY KEY,
    name TEXT NOT NULL
);

INSERT INTO disciplines (code, name) VALUES
    ('SLP', 'Speech-language pathologist'),
    ('SLPA', 'Speech-language pathology assistant'),
    ('OT', 'Occupational therapist'),
    ('COTA', 'Certified occupational therapy assistant'),
    ('PT', 'Physical therapist'),
    ('PTA', 'Physical therapist assistant'),
    ('PSY', 'School psychologist'),
    ('SW', 'School social worker'),
    ('BCBA', 'Board certified behavior analyst'),
    ('TVI', 'Teacher of students with visual impairments'),
    ('TOD', 'Teacher of the deaf'),
    ('O&M', 'Orientation and mobility specialist'),
    ('NURSE', 'School nurse');

CREATE TABLE members (
    id UUID NOT NULL CONSTRAINT members_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT members_code_key UNIQUE,
    name TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    member_from DATE NOT NULL,
    member_until DATE,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT members_period CHECK (member_until IS NULL OR member_until > member_from)
);

CREATE TABLE sites (
    id UUID NOT NULL CONSTRAINT sites_pkey PRIMARY KEY,
    member_id UUID NOT NULL CONSTRAINT sites_member_fkey REFERENCES members (id),
    code TEXT NOT NULL CONSTRAINT sites_code_key UNIQUE,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_source TEXT NOT NULL,
    open_from DATE NOT NULL,
    open_until DATE,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT sites_period CHECK (open_until IS NULL OR open_until > open_from),
    CONSTRAINT sites_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX sites_member ON sites (member_id);

CREATE TABLE specialists (
    id UUID NOT NULL CONSTRAINT specialists_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT specialists_code_key UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE specialist_disciplines (
    specialist_id UUID NOT NULL CONSTRAINT specialist_disciplines_specialist_fkey REFERENCES specialists (id),
    discipline_code TEXT NOT NULL CONSTRAINT specialist_disciplines_discipline_fkey REFERENCES disciplines (code),
    held_from DATE NOT NULL,
    held_until DATE,
    CONSTRAINT specialist_disciplines_pkey PRIMARY KEY (specialist_id, discipline_code, held_from),
    CONSTRAINT specialist_disciplines_period CHECK (held_until IS NULL OR held_until > held_from)
);

CREATE TABLE specialist_qualifications (
    specialist_id UUID NOT NULL CONSTRAINT specialist_qualifications_specialist_fkey REFERENCES specialists (id),
    qualification TEXT NOT NULL,
    held_from DATE NOT NULL,
    held_until DATE,
    CONSTRAINT specialist_qualifications_pkey PRIMARY KEY (specialist_id, qualification, held_from),
    CONSTRAINT specialist_qualifications_period CHECK (held_until IS NULL OR held_until > held_from)
);

-- Who employs a specialist, where home is, the limits of a day and a week, and the loaded cost of an hour, from a date on.
CREATE TABLE specialist_contracts (
    id UUID NOT NULL CONSTRAINT specialist_contracts_pkey PRIMARY KEY,
    specialist_id UUID NOT NULL CONSTRAINT specialist_contracts_specialist_fkey REFERENCES specialists (id),
    employer_kind TEXT NOT NULL,
    employer_member_id UUID CONSTRAINT specialist_contracts_employer_fkey REFERENCES members (id),
    employer_agency TEXT,
    home_site_id UUID NOT NULL CONSTRAINT specialist_contracts_home_site_fkey REFERENCES sites (id),
    direct_minutes_per_week_max BIGINT NOT NULL,
    direct_minutes_per_day_max BIGINT NOT NULL,
    lendable_minutes_per_week_max BIGINT,
    sites_per_day_max BIGINT NOT NULL,
    travel_minutes_per_day_max BIGINT NOT NULL,
    reach_minutes_max BIGINT NOT NULL,
    break_minutes BIGINT NOT NULL,
    cost_cents_per_hour BIGINT NOT NULL,
    effective_from DATE NOT NULL,
    effective_until DATE,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT specialist_contracts_from_key UNIQUE (specialist_id, effective_from),
    CONSTRAINT specialist_contracts_period CHECK (effective_until IS NULL OR effective_until > effective_from),
    CONSTRAINT specialist_contracts_employer CHECK (
        (employer_kind = 'member' AND employer_member_id IS NOT NULL AND employer_agency IS NULL)
        OR (employer_kind = 'coop' AND employer_member_id IS NULL AND employer_agency IS NULL)
        OR (employer_kind = 'agency' AND employer_member_id IS NULL AND employer_agency IS NOT NULL)
    ),
    CONSTRAINT specialist_contracts_cost CHECK (cost_cents_per_hour >= 0)
);

CREATE TABLE specialist_availability (
    id UUID NOT NULL CONSTRAINT specialist_availability_pkey PRIMARY KEY,
    specialist_id UUID NOT NULL CONSTRAINT specialist_availability_specialist_fkey REFERENCES specialists (id),
    weekly_hours TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_until DATE,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT specialist_availability_from_key UNIQUE (specialist_id, effective_from),
    CONSTRAINT specialist_availability_period CHECK (effective_until IS NULL OR effective_until > effective_from)
);

CREATE TABLE travel (
    from_site_id UUID NOT NULL CONSTRAINT travel_from_fkey REFERENCES sites (id),
    to_site_id UUID NOT NULL CONSTRAINT travel_to_fkey REFERENCES sites (id),
    minutes BIGINT NOT NULL,
    miles_hundredths BIGINT NOT NULL,
    estimated BOOLEAN NOT NULL,
    CONSTRAINT travel_pkey PRIMARY KEY (from_site_id, to_site_id),
    CONSTRAINT travel_between_two_sites CHECK (from_site_id <> to_site_id),
    CONSTRAINT travel_lengths CHECK (minutes >= 0 AND miles_hundredths >= 0)
);

CREATE TABLE terms (
    id UUID NOT NULL CONSTRAINT terms_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT terms_code_key UNIQUE,
    name TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT terms_period CHECK (ends_on >= starts_on)
);

CREATE TABLE accounts (
    id UUID NOT NULL CONSTRAINT accounts_pkey PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    role TEXT NOT NULL,
    member_id UUID CONSTRAINT accounts_member_fkey REFERENCES members (id),
    specialist_id UUID CONSTRAINT accounts_specialist_fkey REFERENCES specialists (id),
    disabled_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT accounts_role CHECK (
        (role IN ('office', 'finance') AND member_id IS NULL AND specialist_id IS NULL)
        OR (role = 'coordinator' AND member_id IS NOT NULL AND specialist_id IS NULL)
        OR (role = 'specialist' AND member_id IS NULL AND specialist_id IS NOT NULL)
    )
);

-- Bearer tokens. Only the SHA-256 of the 256-bit random secret is kept.
CREATE TABLE api_tokens (
    id UUID NOT NULL CONSTRAINT api_tokens_pkey PRIMARY KEY,
    account_id UUID NOT NULL CONSTRAINT api_tokens_account_fkey REFERENCES accounts (id),
    name TEXT NOT NULL,
    token_sha256 TEXT NOT NULL CONSTRAINT api_tokens_secret_key UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_tokens_account ON api_tokens (account_id);

CREATE TABLE service_requests (
    id UUID NOT NULL CONSTRAINT service_requests_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT service_requests_code_key UNIQUE,
    member_id UUID NOT NULL CONSTRAINT service_requests_member_fkey REFERENCES members (id),
    site_id UUID NOT NULL CONSTRAINT service_requests_site_fkey REFERENCES sites (id),
    term_id UUID NOT NULL CONSTRAINT service_requests_term_fkey REFERENCES terms (id),
    discipline_code TEXT NOT NULL CONSTRAINT service_requests_discipline_fkey REFERENCES disciplines (code),
    qualifications TEXT NOT NULL,
    priority TEXT NOT NULL,
    mode TEXT NOT NULL,
    minutes_per_week BIGINT NOT NULL,
    visits_per_week_max BIGINT NOT NULL,
    visit_minutes_min BIGINT NOT NULL,
    visit_minutes_max BIGINT NOT NULL,
    windows TEXT NOT NULL,
    current_specialist_id UUID CONSTRAINT service_requests_specialist_fkey REFERENCES specialists (id),
    state TEXT NOT NULL,
    decision_note TEXT NOT NULL,
    created_by UUID NOT NULL CONSTRAINT service_requests_account_fkey REFERENCES accounts (id),
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT service_requests_priority CHECK (priority IN ('mandated', 'evaluation', 'consult')),
    CONSTRAINT service_requests_mode CHECK (mode IN ('in_person', 'teletherapy')),
    CONSTRAINT service_requests_state CHECK (
        state IN ('draft', 'submitted', 'accepted', 'declined', 'planned', 'withdrawn', 'ended')
    ),
    CONSTRAINT service_requests_minutes CHECK (
        minutes_per_week > 0 AND visit_minutes_min > 0 AND visit_minutes_max >= visit_minutes_min
    )
);
CREATE INDEX service_requests_member ON service_requests (member_id);
CREATE INDEX service_requests_term ON service_requests (term_id, state);

-- One execution of the planner. It is its own job: claimed by a lease, fenced by the lease token.
CREATE TABLE plan_runs (
    id UUID NOT NULL CONSTRAINT plan_runs_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT plan_runs_code_key UNIQUE,
    term_id UUID NOT NULL CONSTRAINT plan_runs_term_fkey REFERENCES terms (id),
    state TEXT NOT NULL,
    seconds_max BIGINT NOT NULL,
    seed BIGINT NOT NULL,
    instance_json TEXT NOT NULL,
    instance_sha256 TEXT NOT NULL,
    phase TEXT NOT NULL,
    best_mandated_minutes BIGINT,
    bound_mandated_minutes BIGINT,
    elapsed_seconds BIGINT NOT NULL,
    cancel_requested BOOLEAN NOT NULL,
    failure TEXT,
    requested_by UUID NOT NULL CONSTRAINT plan_runs_account_fkey REFERENCES accounts (id),
    lease_token UUID,
    lease_until TIMESTAMPTZ,
    attempts BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    CONSTRAINT plan_runs_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
);
CREATE INDEX plan_runs_open ON plan_runs (state, lease_until);

CREATE TABLE plans (
    id UUID NOT NULL CONSTRAINT plans_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT plans_code_key UNIQUE,
    term_id UUID NOT NULL CONSTRAINT plans_term_fkey REFERENCES terms (id),
    plan_run_id UUID NOT NULL CONSTRAINT plans_run_key UNIQUE CONSTRAINT plans_run_fkey REFERENCES plan_runs (id),
    state TEXT NOT NULL,
    instance_sha256 TEXT NOT NULL,
    document_json TEXT NOT NULL,
    effective_from DATE,
    published_at TIMESTAMPTZ,
    published_by UUID CONSTRAINT plans_publisher_fkey REFERENCES accounts (id),
    superseded_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT plans_state CHECK (state IN ('draft', 'published', 'superseded'))
);
-- At most one plan of a term is the one people follow.
CREATE UNIQUE INDEX plans_one_published ON plans (term_id) WHERE state = 'published';

CREATE TABLE visits (
    id UUID NOT NULL CONSTRAINT visits_pkey PRIMARY KEY,
    plan_id UUID NOT NULL CONSTRAINT visits_plan_fkey REFERENCES plans (id),
    specialist_id UUID NOT NULL CONSTRAINT visits_specialist_fkey REFERENCES specialists (id),
    service_request_id UUID NOT NULL CONSTRAINT visits_request_fkey REFERENCES service_requests (id),
    site_id UUID NOT NULL CONSTRAINT visits_site_fkey REFERENCES sites (id),
    weekday TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    CONSTRAINT visits_one_a_day UNIQUE (plan_id, service_request_id, weekday),
    CONSTRAINT visits_weekday CHECK (weekday IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')),
    CONSTRAINT visits_length CHECK (ends > starts)
);
CREATE INDEX visits_specialist ON visits (plan_id, specialist_id);

CREATE TABLE shortfalls (
    id UUID NOT NULL CONSTRAINT shortfalls_pkey PRIMARY KEY,
    plan_id UUID NOT NULL CONSTRAINT shortfalls_plan_fkey REFERENCES plans (id),
    service_request_id UUID NOT NULL CONSTRAINT shortfalls_request_fkey REFERENCES service_requests (id),
    minutes BIGINT NOT NULL,
    reason TEXT NOT NULL,
    binding TEXT NOT NULL,
    remedies TEXT NOT NULL,
    CONSTRAINT shortfalls_one_a_request UNIQUE (plan_id, service_request_id),
    CONSTRAINT shortfalls_minutes CHECK (minutes > 0)
);

-- A cost-share statement as it was when it was made; later changes of rates never touch it.
CREATE TABLE cost_shares (
    id UUID NOT NULL CONSTRAINT cost_shares_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT cost_shares_code_key UNIQUE,
    plan_id UUID NOT NULL CONSTRAINT cost_shares_plan_fkey REFERENCES plans (id),
    period_from DATE NOT NULL,
    period_until DATE NOT NULL,
    statement_json TEXT NOT NULL,
    created_by UUID NOT NULL CONSTRAINT cost_shares_account_fkey REFERENCES accounts (id),
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT cost_shares_period CHECK (period_until > period_from)
);

-- The outbox: written in the transaction that caused the e-mail, sent later by a leased worker, byte for byte.
CREATE TABLE emails (
    id UUID NOT NULL CONSTRAINT emails_pkey PRIMARY KEY,
    event TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL CONSTRAINT emails_message_id_key UNIQUE,
    message BYTEA NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    lease_token UUID,
    lease_until TIMESTAMPTZ,
    server_text TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    CONSTRAINT emails_state CHECK (state IN ('queued', 'sent', 'parked'))
);
CREATE INDEX emails_due ON emails (state, next_attempt_at);

CREATE TABLE audit_entries (
    id UUID NOT NULL CONSTRAINT audit_entries_pkey PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    account_id UUID CONSTRAINT audit_entries_account_fkey REFERENCES accounts (id),
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- The answer to a POST that carried an Idempotency-Key, committed together with what it did.
CREATE TABLE idempotency_keys (
    account_id UUID NOT NULL CONSTRAINT idempotency_keys_account_fkey REFERENCES accounts (id),
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, key)
);

-- The last number given in each series of human codes, for example SR-2026-0042.
CREATE TABLE code_counters (
    series TEXT NOT NULL CONSTRAINT code_counters_pkey PRIMARY KEY,
    last BIGINT NOT NULL
);
