-- Of several roles the first that the earlier version knows stays; who has none of those is switched off.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE accounts_after AS SELECT * FROM accounts;
CREATE TEMP TABLE account_roles_after AS
SELECT * FROM account_roles AS held
WHERE held.role NOT IN ('board', 'member_finance') AND NOT EXISTS (
    SELECT 1 FROM account_roles AS earlier
    WHERE earlier.account_id = held.account_id AND earlier.place < held.place
        AND earlier.role NOT IN ('board', 'member_finance')
);
CREATE TEMP TABLE api_tokens_after AS SELECT * FROM api_tokens;
DROP TABLE account_roles;
DROP TABLE api_tokens;
DROP TABLE accounts;
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
INSERT INTO accounts
SELECT one.id, one.name, one.email, COALESCE(held.role, 'finance'), held.member_id, held.specialist_id,
    CASE WHEN held.role IS NULL THEN COALESCE(one.disabled_at, one.updated_at) ELSE one.disabled_at END,
    one.version, one.created_at, one.updated_at
FROM accounts_after AS one LEFT JOIN account_roles_after AS held ON held.account_id = one.id;
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
INSERT INTO api_tokens
SELECT id, account_id, name, token_sha256, created_at, expires_at, revoked_at FROM api_tokens_after;
DROP TABLE temp.accounts_after;
DROP TABLE temp.account_roles_after;
DROP TABLE temp.api_tokens_after;
