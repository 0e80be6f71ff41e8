-- People sign in with a code that is e-mailed to them, or with their district's account (OpenID Connect). Both are bound
-- to the browser that asked: of its secret only the SHA-256 is kept, and everything else that is secret is made from it.

ALTER TABLE login_sessions ADD COLUMN began_with TEXT NOT NULL DEFAULT 'password'
    CONSTRAINT login_sessions_began_with_check CHECK (began_with IN ('password', 'email_code', 'openid'));

-- A code for an address without an account is written down too, without its account, so that it is answered alike.
CREATE TABLE sign_in_codes (
    browser_sha256 TEXT NOT NULL CONSTRAINT sign_in_codes_pkey PRIMARY KEY,
    account_id TEXT CONSTRAINT sign_in_codes_account_fkey REFERENCES accounts (id),
    code_sha256 TEXT NOT NULL,
    tries INTEGER NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- Sign-ins by OpenID Connect that are under way.
CREATE TABLE openid_sign_ins (
    browser_sha256 TEXT NOT NULL CONSTRAINT openid_sign_ins_pkey PRIMARY KEY,
    provider TEXT NOT NULL,
    return_to TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- Which account a provider's person is, once known; an address that is given to somebody else later changes nothing.
CREATE TABLE openid_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL CONSTRAINT openid_identities_account_fkey REFERENCES accounts (id),
    created_at TEXT NOT NULL,
    CONSTRAINT openid_identities_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT openid_identities_account_key UNIQUE (account_id, issuer)
) STRICT;
