-- The spine: members lend and borrow specialists, ask for hours, and get a published weekly plan.
-- Students do not exist in this schema. Money is whole cents, time whole minutes. `_until` dates are exclusive.

CREATE TABLE disciplines (
    code TEXT NOT NULL CONSTRAINT disciplines_pkey PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

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
    id TEXT NOT NULL CONSTRAINT members_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT members_code_key UNIQUE,
    name TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    member_from TEXT NOT NULL,
    member_until TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT members_period CHECK (member_until IS NULL OR member_until > member_from)
) STRICT;

CREATE TABLE sites (
    id TEXT NOT NULL CONSTRAINT sites_pkey PRIMARY KEY,
    member_id TEXT NOT NULL CONSTRAINT sites_member_fkey REFERENCES members (id),
    code TEXT NOT NULL CONSTRAINT sites_code_key UNIQUE,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    coordinates_source TEXT NOT NULL,
    open_from TEXT NOT NULL,
    open_until TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT sites_period CHECK (open_until IS NULL OR open_until > open_from),
    CONSTRAINT sites_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL))
) STRICT;
CREATE INDEX sites_member ON sites (member_id);

CREATE TABLE specialists (
    id TEXT NOT NULL CONSTRAINT specialists_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT specialists_code_key UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE specialist_disciplines (
    specialist_id TEXT NOT NULL CONSTRAINT specialist_disciplines_specialist_fkey REFERENCES specialists (id),
    discipline_code TEXT NOT NULL CONSTRAINT specialist_disciplines_discipline_fkey REFERENCES disciplines (code),
    held_from TEXT NOT NULL,
    held_until TEXT,
    CONSTRAINT specialist_disciplines_pkey PRIMARY KEY (specialist_id, discipline_code, held_from),
    CONSTRAINT specialist_disciplines_period CHECK (held_until IS NULL OR held_until > held_from)
) STRICT;

CREATE TABLE specialist_qualifications (
    specialist_id TEXT NOT NULL CONSTRAINT specialist_qualifications_specialist_fkey REFERENCES specialists (id),
    qualification TEXT NOT NULL,
    held_from TEXT NOT NULL,
    held_until TEXT,
    CONSTRAINT specialist_qualifications_pkey PRIMARY KEY (specialist_id, qualification, held_from),
    CONSTRAINT specialist_qualifications_period CHECK (held_until IS NULL OR held_until > held_from)
) STRICT;

-- Who employs a specialist, where home is, the limits of a day and a week, and the loaded cost of an hour, from a date on.
CREATE TABLE specialist_contracts (
    id TEXT NOT NULL CONSTRAINT specialist_contracts_pkey PRIMARY KEY,
    specialist_id TEXT NOT NULL CONSTRAINT specialist_contracts_specialist_fkey REFERENCES specialists (id),
    employer_kind TEXT NOT NULL,
    employer_member_id TEXT CONSTRAINT specialist_contracts_employer_fkey REFERENCES members (id),
    employer_agency TEXT,
    home_site_id TEXT NOT NULL CONSTRAINT specialist_contracts_home_site_fkey REFERENCES sites (id),
    direct_minutes_per_week_max INTEGER NOT NULL,
    direct_minutes_per_day_max INTEGER NOT NULL,
    lendable_minutes_per_week_max INTEGER,
    sites_per_day_max INTEGER NOT NULL,
    travel_minutes_per_day_max INTEGER NOT NULL,
    reach_minutes_max INTEGER NOT NULL,
    break_minutes INTEGER NOT NULL,
    cost_cents_per_hour INTEGER NOT NULL,
    effective_from TEXT NOT NULL,
    effective_until TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT specialist_contracts_from_key UNIQUE (specialist_id, effective_from),
    CONSTRAINT specialist_contracts_period CHECK (effective_until IS NULL OR effective_until > effective_from),
    CONSTRAINT specialist_contracts_employer CHECK (
        (employer_kind = 'member' AND employer_member_id IS NOT NULL AND employer_agency IS NULL)
        OR (employer_kind = 'coop' AND employer_member_id IS NULL AND employer_agency IS NULL)
        OR (employer_kind = 'agency' AND employer_member_id IS NULL AND employer_agency IS NOT NULL)
    ),
    CONSTRAINT specialist_contracts_cost CHECK (cost_cents_per_hour >= 0)
) STRICT;

CREATE TABLE specialist_availability (
    id TEXT NOT NULL CONSTRAINT specialist_availability_pkey PRIMARY KEY,
    specialist_id TEXT NOT NULL CONSTRAINT specialist_availability_specialist_fkey REFERENCES specialists (id),
    weekly_hours TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    effective_until TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT specialist_availability_from_key UNIQUE (specialist_id, effective_from),
    CONSTRAINT specialist_availability_period CHECK (effective_until IS NULL OR effective_until > effective_from)
) STRICT;

CREATE TABLE travel (
    from_site_id TEXT NOT NULL CONSTRAINT travel_from_fkey REFERENCES sites (id),
    to_site_id TEXT NOT NULL CONSTRAINT travel_to_fkey REFERENCES sites (id),
    minutes INTEGER NOT NULL,
    miles_hundredths INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    CONSTRAINT travel_pkey PRIMARY KEY (from_site_id, to_site_id),
    CONSTRAINT travel_between_two_sites CHECK (from_site_id <> to_site_id),
    CONSTRAINT travel_lengths CHECK (minutes >= 0 AND miles_hundredths >= 0)
) STRICT;

CREATE TABLE terms (
    id TEXT NOT NULL CONSTRAINT terms_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT terms_code_key UNIQUE,
    name TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT terms_period CHECK (ends_on >= starts_on)
) STRICT;

CREATE TABLE accounts (
    id TEXT NOT NULL CONSTRAINT accounts_pkey PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    role TEXT NOT NULL,
    member_id TEXT CONSTRAINT accounts_member_fkey REFERENCES members (id),
    specialist_id TEXT CONSTRAINT accounts_specialist_fkey REFERENCES specialists (id),
    disabled_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT accounts_role CHECK (
        (role IN ('office', 'finance') AND member_id IS NULL AND specialist_id IS NULL)
        OR (role = 'coordinator' AND member_id IS NOT NULL AND specialist_id IS NULL)
        OR (role = 'specialist' AND member_id IS NULL AND specialist_id IS NOT NULL)
    )
) STRICT;

-- Bearer tokens. Only the SHA-256 of the 256-bit random secret is kept.
CREATE TABLE api_tokens (
    id TEXT NOT NULL CONSTRAINT api_tokens_pkey PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT api_tokens_account_fkey REFERENCES accounts (id),
    name TEXT NOT NULL,
    token_sha256 TEXT NOT NULL CONSTRAINT api_tokens_secret_key UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE INDEX api_tokens_account ON api_tokens (account_id);

CREATE TABLE service_requests (
    id TEXT NOT NULL CONSTRAINT service_requests_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT service_requests_code_key UNIQUE,
    member_id TEXT NOT NULL CONSTRAINT service_requests_member_fkey REFERENCES members (id),
    site_id TEXT NOT NULL CONSTRAINT service_requests_site_fkey REFERENCES sites (id),
    term_id TEXT NOT NULL CONSTRAINT service_requests_term_fkey REFERENCES terms (id),
    discipline_code TEXT NOT NULL CONSTRAINT service_requests_discipline_fkey REFERENCES disciplines (code),
    qualifications TEXT NOT NULL,
    priority TEXT NOT NULL,
    mode TEXT NOT NULL,
    minutes_per_week INTEGER NOT NULL,
    visits_per_week_max INTEGER NOT NULL,
    visit_minutes_min INTEGER NOT NULL,
    visit_minutes_max INTEGER NOT NULL,
    windows TEXT NOT NULL,
    current_specialist_id TEXT CONSTRAINT service_requests_specialist_fkey REFERENCES specialists (id),
    state TEXT NOT NULL,
    decision_note TEXT NOT NULL,
    created_by TEXT NOT NULL CONSTRAINT service_requests_account_fkey REFERENCES accounts (id),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT service_requests_priority CHECK (priority IN ('mandated', 'evaluation', 'consult')),
    CONSTRAINT service_requests_mode CHECK (mode IN ('in_person', 'teletherapy')),
    CONSTRAINT service_requests_state CHECK (
        state IN ('draft', 'submitted', 'accepted', 'declined', 'planned', 'withdrawn', 'ended')
    ),
    CONSTRAINT service_requests_minutes CHECK (
        minutes_per_week > 0 AND visit_minutes_min > 0 AND visit_minutes_max >= visit_minutes_min
    )
) STRICT;
CREATE INDEX service_requests_member ON service_requests (member_id);
CREATE INDEX service_requests_term ON service_requests (term_id, state);

-- One execution of the planner. It is its own job: claimed by a lease, fenced by the lease token.
CREATE TABLE plan_runs (
    id TEXT NOT NULL CONSTRAINT plan_runs_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT plan_runs_code_key UNIQUE,
    term_id TEXT NOT NULL CONSTRAINT plan_runs_term_fkey REFERENCES terms (id),
    state TEXT NOT NULL,
    seconds_max INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    instance_json TEXT NOT NULL,
    instance_sha256 TEXT NOT NULL,
    phase TEXT NOT NULL,
    best_mandated_minutes INTEGER,
    bound_mandated_minutes INTEGER,
    elapsed_seconds INTEGER NOT NULL,
    cancel_requested INTEGER NOT NULL,
    failure TEXT,
    requested_by TEXT NOT NULL CONSTRAINT plan_runs_account_fkey REFERENCES accounts (id),
    lease_token TEXT,
    lease_until TEXT,
    attempts INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    CONSTRAINT plan_runs_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
) STRICT;
CREATE INDEX plan_runs_open ON plan_runs (state, lease_until);

CREATE TABLE plans (
    id TEXT NOT NULL CONSTRAINT plans_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT plans_code_key UNIQUE,
    term_id TEXT NOT NULL CONSTRAINT plans_term_fkey REFERENCES terms (id),
    plan_run_id TEXT NOT NULL CONSTRAINT plans_run_key UNIQUE CONSTRAINT plans_run_fkey REFERENCES plan_runs (id),
    state TEXT NOT NULL,
    instance_sha256 TEXT NOT NULL,
    document_json TEXT NOT NULL,
    effective_from TEXT,
    published_at TEXT,
    published_by TEXT CONSTRAINT plans_publisher_fkey REFERENCES accounts (id),
    superseded_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT plans_state CHECK (state IN ('draft', 'published', 'superseded'))
) STRICT;
-- At most one plan of a term is the one people follow.
CREATE UNIQUE INDEX plans_one_published ON plans (term_id) WHERE state = 'published';

CREATE TABLE visits (
    id TEXT NOT NULL CONSTRAINT visits_pkey PRIMARY KEY,
    plan_id TEXT NOT NULL CONSTRAINT visits_plan_fkey REFERENCES plans (id),
    specialist_id TEXT NOT NULL CONSTRAINT visits_specialist_fkey REFERENCES specialists (id),
    service_request_id TEXT NOT NULL CONSTRAINT visits_request_fkey REFERENCES service_requests (id),
    site_id TEXT NOT NULL CONSTRAINT visits_site_fkey REFERENCES sites (id),
    weekday TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    CONSTRAINT visits_one_a_day UNIQUE (plan_id, service_request_id, weekday),
    CONSTRAINT visits_weekday CHECK (weekday IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')),
    CONSTRAINT visits_length CHECK (ends > starts)
) STRICT;
CREATE INDEX visits_specialist ON visits (plan_id, specialist_id);

CREATE TABLE shortfalls (
    id TEXT NOT NULL CONSTRAINT shortfalls_pkey PRIMARY KEY,
    plan_id TEXT NOT NULL CONSTRAINT shortfalls_plan_fkey REFERENCES plans (id),
    service_request_id TEXT NOT NULL CONSTRAINT shortfalls_request_fkey REFERENCES service_requests (id),
    minutes INTEGER NOT NULL,
    reason TEXT NOT NULL,
    binding TEXT NOT NULL,
    remedies TEXT NOT NULL,
    CONSTRAINT shortfalls_one_a_request UNIQUE (plan_id, service_request_id),
    CONSTRAINT shortfalls_minutes CHECK (minutes > 0)
) STRICT;

-- A cost-share statement as it was when it was made; later changes of rates never touch it.
CREATE TABLE cost_shares (
    id TEXT NOT NULL CONSTRAINT cost_shares_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT cost_shares_code_key UNIQUE,
    plan_id TEXT NOT NULL CONSTRAINT cost_shares_plan_fkey REFERENCES plans (id),
    period_from TEXT NOT NULL,
    period_until TEXT NOT NULL,
    statement_json TEXT NOT NULL,
    created_by TEXT NOT NULL CONSTRAINT cost_shares_account_fkey REFERENCES accounts (id),
    created_at TEXT NOT NULL,
    CONSTRAINT cost_shares_period CHECK (period_until > period_from)
) STRICT;

-- The outbox: written in the transaction that caused the e-mail, sent later by a leased worker, byte for byte.
CREATE TABLE emails (
    id TEXT NOT NULL CONSTRAINT emails_pkey PRIMARY KEY,
    event TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL CONSTRAINT emails_message_id_key UNIQUE,
    message BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    lease_token TEXT,
    lease_until TEXT,
    server_text TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    CONSTRAINT emails_state CHECK (state IN ('queued', 'sent', 'parked'))
) STRICT;
CREATE INDEX emails_due ON emails (state, next_attempt_at);

CREATE TABLE audit_entries (
    id TEXT NOT NULL CONSTRAINT audit_entries_pkey PRIMARY KEY,
    at TEXT NOT NULL,
    account_id TEXT CONSTRAINT audit_entries_account_fkey REFERENCES accounts (id),
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- The answer to a POST that carried an Idempotency-Key, committed together with what it did.
CREATE TABLE idempotency_keys (
    account_id TEXT NOT NULL CONSTRAINT idempotency_keys_account_fkey REFERENCES accounts (id),
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, key)
) STRICT;

-- The last number given in each series of human codes, for example SR-2026-0042.
CREATE TABLE code_counters (
    series TEXT NOT NULL CONSTRAINT code_counters_pkey PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
