-- People sign in with a password and a second factor. Of every secret that is random only the SHA-256 is kept.

CREATE TABLE passwords (
    account_id UUID NOT NULL CONSTRAINT passwords_pkey PRIMARY KEY
        CONSTRAINT passwords_account_fkey REFERENCES accounts (id),
    hash TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- The secret of a second factor must be readable, since codes are made from it. A new one waits until a code confirms it.
CREATE TABLE second_factors (
    account_id UUID NOT NULL CONSTRAINT second_factors_pkey PRIMARY KEY
        CONSTRAINT second_factors_account_fkey REFERENCES accounts (id),
    secret TEXT,
    waiting_secret TEXT,
    last_step BIGINT NOT NULL
);

-- Each works once, and is then gone.
CREATE TABLE recovery_codes (
    account_id UUID NOT NULL CONSTRAINT recovery_codes_account_fkey REFERENCES accounts (id),
    code_sha256 TEXT NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_sha256)
);

CREATE TABLE invitations (
    account_id UUID NOT NULL CONSTRAINT invitations_pkey PRIMARY KEY
        CONSTRAINT invitations_account_fkey REFERENCES accounts (id),
    secret_sha256 TEXT NOT NULL CONSTRAINT invitations_secret_key UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE login_sessions (
    id UUID NOT NULL CONSTRAINT login_sessions_pkey PRIMARY KEY,
    account_id UUID NOT NULL CONSTRAINT login_sessions_account_fkey REFERENCES accounts (id),
    secret_sha256 TEXT NOT NULL CONSTRAINT login_sessions_secret_key UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    proven_at TIMESTAMPTZ NOT NULL,
    second_factor_at TIMESTAMPTZ,
    agent TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX login_sessions_account ON login_sessions (account_id);

-- Devices on which an account signed in before: they get in while others guess at its password.
CREATE TABLE known_devices (
    secret_sha256 TEXT NOT NULL CONSTRAINT known_devices_pkey PRIMARY KEY,
    account_id UUID NOT NULL CONSTRAINT known_devices_account_fkey REFERENCES accounts (id),
    last_used_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX known_devices_account ON known_devices (account_id);

-- Failed tries, by the hash of an e-mail address as it was typed, of a network address or of a device.
CREATE TABLE sign_in_failures (
    subject_sha256 TEXT NOT NULL CONSTRAINT sign_in_failures_pkey PRIMARY KEY,
    failures BIGINT NOT NULL,
    wait_until TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);
