-- Roles add up: an account has as many as the person has tasks, in the order in which they were entered.

-- SQLite cannot drop columns that a check constraint names: the table is made again. Other tables refer to it; they are
-- looked at when the transaction ends.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE accounts_before AS SELECT * FROM accounts;
DROP TABLE accounts;
CREATE TABLE accounts (
    id TEXT NOT NULL CONSTRAINT accounts_pkey PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    disabled_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    last_sign_in_at TEXT
) STRICT;
INSERT INTO accounts (id, name, email, disabled_at, version, created_at, updated_at)
SELECT id, name, email, disabled_at, version, created_at, updated_at FROM accounts_before;

CREATE TABLE account_roles (
    account_id TEXT NOT NULL CONSTRAINT account_roles_account_fkey REFERENCES accounts (id),
    place INTEGER NOT NULL,
    role TEXT NOT NULL,
    member_id TEXT CONSTRAINT account_roles_member_fkey REFERENCES members (id),
    specialist_id TEXT CONSTRAINT account_roles_specialist_fkey REFERENCES specialists (id),
    CONSTRAINT account_roles_pkey PRIMARY KEY (account_id, place),
    CONSTRAINT account_roles_role CHECK (
        (role IN ('office', 'finance', 'board') AND member_id IS NULL AND specialist_id IS NULL)
        OR (role IN ('coordinator', 'member_finance') AND member_id IS NOT NULL AND specialist_id IS NULL)
        OR (role = 'specialist' AND member_id IS NULL AND specialist_id IS NOT NULL)
    )
) STRICT;
CREATE INDEX account_roles_member ON account_roles (member_id);

INSERT INTO account_roles (account_id, place, role, member_id, specialist_id)
SELECT id, 0, role, member_id, specialist_id FROM accounts_before;
DROP TABLE temp.accounts_before;

-- Every token reaches a part of the API, and ends. One that never ended works for 90 days more.
CREATE TEMP TABLE api_tokens_before AS SELECT * FROM api_tokens;
DROP TABLE api_tokens;
CREATE TABLE api_tokens (
    id TEXT NOT NULL CONSTRAINT api_tokens_pkey PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT api_tokens_account_fkey REFERENCES accounts (id),
    name TEXT NOT NULL,
    token_sha256 TEXT NOT NULL CONSTRAINT api_tokens_secret_key UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    read_only INTEGER NOT NULL,
    areas TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE INDEX api_tokens_account ON api_tokens (account_id);
INSERT INTO api_tokens (id, account_id, name, token_sha256, created_at, expires_at, revoked_at, read_only, areas)
SELECT id, account_id, name, token_sha256, created_at,
    COALESCE(expires_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '+90 days')), revoked_at, 0,
    '["coop","specialists","service_requests","plans","cost_shares","administration"]'
FROM api_tokens_before;
DROP TABLE temp.api_tokens_before;
