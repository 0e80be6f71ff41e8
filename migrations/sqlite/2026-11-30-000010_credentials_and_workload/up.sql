-- Licences and certificates of specialists, without their numbers, the work of a week that is not visits, and supervision
-- of assistants that took place.
-- `valid_until` and `effective_until` are the first day outside.

CREATE TABLE credentials (
    id TEXT NOT NULL CONSTRAINT credentials_pkey PRIMARY KEY,
    specialist_id TEXT NOT NULL CONSTRAINT credentials_specialist_fkey REFERENCES specialists (id),
    discipline_code TEXT NOT NULL CONSTRAINT credentials_discipline_fkey REFERENCES disciplines (code),
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    us_state TEXT,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    warned_until TEXT,
    warned_days INTEGER,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT credentials_kind CHECK (kind IN ('license', 'certificate', 'registration')),
    CONSTRAINT credentials_days CHECK (valid_until IS NULL OR valid_until > valid_from),
    CONSTRAINT credentials_warned CHECK ((warned_until IS NULL) = (warned_days IS NULL))
) STRICT;
CREATE INDEX credentials_specialist ON credentials (specialist_id, valid_from);
CREATE INDEX credentials_ending ON credentials (valid_until);

CREATE TABLE indirect_blocks (
    id TEXT NOT NULL CONSTRAINT indirect_blocks_pkey PRIMARY KEY,
    specialist_id TEXT NOT NULL CONSTRAINT indirect_blocks_specialist_fkey REFERENCES specialists (id),
    kind TEXT NOT NULL,
    minutes_per_week INTEGER NOT NULL,
    weekday TEXT,
    starts TEXT,
    assistant_id TEXT CONSTRAINT indirect_blocks_assistant_fkey REFERENCES specialists (id),
    effective_from TEXT NOT NULL,
    effective_until TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT indirect_blocks_kind CHECK (
        kind IN ('evaluation', 'iep_meetings', 'paperwork', 'planning', 'supervision', 'make_up_time', 'other')
    ),
    CONSTRAINT indirect_blocks_assistant CHECK (assistant_id IS NULL OR kind = 'supervision'),
    CONSTRAINT indirect_blocks_minutes CHECK (minutes_per_week > 0),
    CONSTRAINT indirect_blocks_fixed CHECK ((weekday IS NULL) = (starts IS NULL)),
    CONSTRAINT indirect_blocks_days CHECK (effective_until IS NULL OR effective_until > effective_from)
) STRICT;
CREATE INDEX indirect_blocks_specialist ON indirect_blocks (specialist_id, effective_from);

CREATE TABLE supervision_logs (
    id TEXT NOT NULL CONSTRAINT supervision_logs_pkey PRIMARY KEY,
    supervisor_id TEXT NOT NULL CONSTRAINT supervision_logs_supervisor_fkey REFERENCES specialists (id),
    assistant_id TEXT NOT NULL CONSTRAINT supervision_logs_assistant_fkey REFERENCES specialists (id),
    supervised_on TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    account_id TEXT NOT NULL CONSTRAINT supervision_logs_account_fkey REFERENCES accounts (id),
    created_at TEXT NOT NULL,
    CONSTRAINT supervision_logs_once UNIQUE (supervisor_id, assistant_id, supervised_on),
    CONSTRAINT supervision_logs_minutes CHECK (minutes > 0)
) STRICT;
CREATE INDEX supervision_logs_assistant ON supervision_logs (assistant_id, supervised_on);

ALTER TABLE specialist_contracts ADD COLUMN paid_minutes_per_week INTEGER;
