-- The reply policy of the outbox: what the mail server said decides about one e-mail, one address, or the whole queue.

-- SQLite cannot change a check; the table is made anew. `sent` is called what it is: accepted by the next server.
ALTER TABLE emails RENAME TO emails_before;
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
    -- When the tries that count towards giving up began.
    trying_since TEXT,
    -- How many tries may have arrived although no answer came.
    ambiguous INTEGER NOT NULL DEFAULT 0,
    parked_because TEXT,
    CONSTRAINT emails_state CHECK (state IN ('queued', 'accepted', 'parked'))
) STRICT;
INSERT INTO emails
SELECT id, event, recipient, subject, message_id, message, CASE state WHEN 'sent' THEN 'accepted' ELSE state END,
    attempts, next_attempt_at, lease_token, lease_until, server_text, created_at, finished_at, NULL, 0, NULL
FROM emails_before;
DROP TABLE emails_before;
CREATE INDEX emails_due ON emails (state, next_attempt_at);
CREATE INDEX emails_recipient ON emails (recipient);

-- How the queue as a whole stands; one row.
CREATE TABLE mail_queue (
    id INTEGER NOT NULL CONSTRAINT mail_queue_pkey PRIMARY KEY,
    paused INTEGER NOT NULL CONSTRAINT mail_queue_paused CHECK (paused IN (0, 1)),
    reason TEXT NOT NULL,
    since TEXT,
    troubles INTEGER NOT NULL,
    slowdowns INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    waits_until TEXT,
    CONSTRAINT mail_queue_one CHECK (id = 1)
) STRICT;
INSERT INTO mail_queue (id, paused, reason, since, troubles, slowdowns, refusals, waits_until)
VALUES (1, 0, '', NULL, 0, 0, 0, NULL);

-- Addresses to which nothing is sent until the office takes them off.
CREATE TABLE suppressed_addresses (
    id TEXT NOT NULL CONSTRAINT suppressed_addresses_pkey PRIMARY KEY,
    address TEXT NOT NULL CONSTRAINT suppressed_addresses_address_key UNIQUE,
    because TEXT NOT NULL,
    server_text TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT suppressed_addresses_because CHECK (because IN ('refused', 'returned'))
) STRICT;
