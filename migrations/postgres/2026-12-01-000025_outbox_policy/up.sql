-- The reply policy of the outbox: what the mail server said decides about one e-mail, one address, or the whole queue.

-- `sent` is called what it is: accepted by the next server.
ALTER TABLE emails DROP CONSTRAINT emails_state;
UPDATE emails SET state = 'accepted' WHERE state = 'sent';
ALTER TABLE emails ADD CONSTRAINT emails_state CHECK (state IN ('queued', 'accepted', 'parked'));
-- When the tries that count towards giving up began.
ALTER TABLE emails ADD COLUMN trying_since TIMESTAMPTZ;
-- How many tries may have arrived although no answer came.
ALTER TABLE emails ADD COLUMN ambiguous BIGINT NOT NULL DEFAULT 0;
ALTER TABLE emails ADD COLUMN parked_because TEXT;
CREATE INDEX emails_recipient ON emails (recipient);

-- How the queue as a whole stands; one row.
CREATE TABLE mail_queue (
    id BIGINT NOT NULL CONSTRAINT mail_queue_pkey PRIMARY KEY,
    paused BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    since TIMESTAMPTZ,
    troubles BIGINT NOT NULL,
    slowdowns BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    waits_until TIMESTAMPTZ,
    CONSTRAINT mail_queue_one CHECK (id = 1)
);
INSERT INTO mail_queue (id, paused, reason, since, troubles, slowdowns, refusals, waits_until)
VALUES (1, FALSE, '', NULL, 0, 0, 0, NULL);

-- Addresses to which nothing is sent until the office takes them off.
CREATE TABLE suppressed_addresses (
    id UUID NOT NULL CONSTRAINT suppressed_addresses_pkey PRIMARY KEY,
    address TEXT NOT NULL CONSTRAINT suppressed_addresses_address_key UNIQUE,
    because TEXT NOT NULL,
    server_text TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT suppressed_addresses_because CHECK (because IN ('refused', 'returned'))
);
