DROP TABLE suppressed_addresses;
DROP TABLE mail_queue;
DROP INDEX emails_recipient;
ALTER TABLE emails DROP COLUMN parked_because;
ALTER TABLE emails DROP COLUMN ambiguous;
ALTER TABLE emails DROP COLUMN trying_since;
ALTER TABLE emails DROP CONSTRAINT emails_state;
UPDATE emails SET state = 'sent' WHERE state = 'accepted';
ALTER TABLE emails ADD CONSTRAINT emails_state CHECK (state IN ('queued', 'sent', 'parked'));
