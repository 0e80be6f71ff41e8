-- Roles add up: an account has as many as the person has tasks, in the order in which they were entered.

CREATE TABLE account_roles (
    account_id UUID NOT NULL CONSTRAINT account_roles_account_fkey REFERENCES accounts (id),
    place BIGINT NOT NULL,
    role TEXT NOT NULL,
    member_id UUID CONSTRAINT account_roles_member_fkey REFERENCES members (id),
    specialist_id UUID CONSTRAINT account_roles_specialist_fkey REFERENCES specialists (id),
    CONSTRAINT account_roles_pkey PRIMARY KEY (account_id, place),
    CONSTRAINT account_roles_role CHECK (
        (role IN ('office', 'finance', 'board') AND member_id IS NULL AND specialist_id IS NULL)
        OR (role IN ('coordinator', 'member_finance') AND member_id IS NOT NULL AND specialist_id IS NULL)
        OR (role = 'specialist' AND member_id IS NULL AND specialist_id IS NOT NULL)
    )
);
CREATE INDEX account_roles_member ON account_roles (member_id);

INSERT INTO account_roles (account_id, place, role, member_id, specialist_id)
SELECT id, 0, role, member_id, specialist_id FROM accounts;
ALTER TABLE accounts DROP COLUMN role;
ALTER TABLE accounts DROP COLUMN member_id;
ALTER TABLE accounts DROP COLUMN specialist_id;
ALTER TABLE accounts ADD COLUMN last_sign_in_at TIMESTAMPTZ;

-- Every token reaches a part of the API, and ends. One that never ended works for 90 days more.
ALTER TABLE api_tokens ADD COLUMN read_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE api_tokens ADD COLUMN areas TEXT NOT NULL
    DEFAULT '["coop","specialists","service_requests","plans","cost_shares","administration"]';
ALTER TABLE api_tokens ADD COLUMN last_used_at TIMESTAMPTZ;
ALTER TABLE api_tokens ALTER COLUMN read_only DROP DEFAULT;
ALTER TABLE api_tokens ALTER COLUMN areas DROP DEFAULT;
UPDATE api_tokens SET expires_at = now() + INTERVAL '90 days' WHERE expires_at IS NULL;
ALTER TABLE api_tokens ALTER COLUMN expires_at SET NOT NULL;
