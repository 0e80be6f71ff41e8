-- The audit trail is numbered without gaps, chained by hashes, and nothing of it can be changed or taken away.

ALTER TABLE audit_entries ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
-- By which means: a session, a token, the command line; and from which network address.
ALTER TABLE audit_entries ADD COLUMN means TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN address TEXT NOT NULL DEFAULT '';
-- Identities of the members it concerns, each between spaces; * for what may concern every member.
ALTER TABLE audit_entries ADD COLUMN members TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done'
    CONSTRAINT audit_entries_outcome CHECK (outcome IN ('done', 'refused', 'failed'));
-- SHA-256 over the hash before and this entry. Empty in entries from before the chain; the first hash covers them.
ALTER TABLE audit_entries ADD COLUMN hash TEXT NOT NULL DEFAULT '';

UPDATE audit_entries SET seq = (SELECT COUNT(*) FROM audit_entries AS earlier WHERE earlier.id <= audit_entries.id);
CREATE UNIQUE INDEX audit_entries_seq ON audit_entries (seq);

-- What can never be taken away again names codes and identities only: no addresses of people and no sentences.
UPDATE audit_entries SET detail = '' WHERE action = 'decline' OR subject_kind IN ('token', 'email');
UPDATE audit_entries SET subject_code = (
    SELECT accounts.id::text FROM accounts WHERE accounts.email = audit_entries.subject_code
) WHERE subject_code IN (SELECT email FROM accounts);
UPDATE audit_entries SET subject_code = 'unknown' WHERE subject_code LIKE '%@%';
UPDATE audit_entries SET outcome = 'refused' WHERE action LIKE 'refuse %';

CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever appended to';
END $$;
CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();

CREATE FUNCTION audit_entries_check_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entries) THEN
        RAISE EXCEPTION 'the audit trail is numbered without gaps';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entries_in_order BEFORE INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_check_order();
