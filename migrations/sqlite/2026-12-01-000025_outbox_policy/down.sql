DROP TABLE suppressed_addresses;
DROP TABLE mail_queue;
DROP INDEX emails_recipient;
CREATE TABLE emails_old (
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
INSERT INTO emails_old
SELECT id, event, recipient, subject, message_id, message, CASE state WHEN 'accepted' THEN 'sent' ELSE state END,
    attempts, next_attempt_at, lease_token, lease_until, server_text, created_at, finished_at
FROM emails;
DROP TABLE emails;
ALTER TABLE emails_old RENAME TO emails;
CREATE INDEX emails_due ON emails (state, next_attempt_at);
