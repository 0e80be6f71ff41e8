-- Of several roles the first that the earlier version knows stays; who has none of those is switched off.
ALTER TABLE api_tokens ALTER COLUMN expires_at DROP NOT NULL;
ALTER TABLE api_tokens DROP COLUMN read_only;
ALTER TABLE api_tokens DROP COLUMN areas;
ALTER TABLE api_tokens DROP COLUMN last_used_at;
ALTER TABLE accounts DROP COLUMN last_sign_in_at;
ALTER TABLE accounts ADD COLUMN role TEXT;
ALTER TABLE accounts ADD COLUMN member_id UUID CONSTRAINT accounts_member_fkey REFERENCES members (id);
ALTER TABLE accounts ADD COLUMN specialist_id UUID CONSTRAINT accounts_specialist_fkey REFERENCES specialists (id);
UPDATE accounts SET (role, member_id, specialist_id) = (
    SELECT held.role, held.member_id, held.specialist_id FROM account_roles AS held
    WHERE held.account_id = accounts.id AND held.role NOT IN ('board', 'member_finance')
    ORDER BY held.place LIMIT 1
);
UPDATE accounts SET role = 'finance', disabled_at = COALESCE(disabled_at, now()) WHERE role IS NULL;
ALTER TABLE accounts ALTER COLUMN role SET NOT NULL;
ALTER TABLE accounts ADD CONSTRAINT accounts_role CHECK (
    (role IN ('office', 'finance') AND member_id IS NULL AND specialist_id IS NULL)
    OR (role = 'coordinator' AND member_id IS NOT NULL AND specialist_id IS NULL)
    OR (role = 'specialist' AND member_id IS NULL AND specialist_id IS NOT NULL)
);
DROP TABLE account_roles;
