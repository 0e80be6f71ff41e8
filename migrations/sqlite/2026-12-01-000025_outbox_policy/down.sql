DROP TABLE suppressed_addresses;
DROP TABLE mail_queue;
DROP INDEX emails_recipient;
ALTER TABLE emails RENAME TO emails_after;
DROP INDEX emails_due;
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
INSERT INTO emails
SELECT id, event, recipient, subject, message_id, message, CASE state WHEN 'accepted' THEN 'sent' ELSE state END,
    attempts, next_attempt_at, lease_token, lease_until, server_text, created_at, finished_at
FROM emails_after;
DROP TABLE emails_after;
CREATE INDEX emails_due ON emails (state, next_attempt_at);
