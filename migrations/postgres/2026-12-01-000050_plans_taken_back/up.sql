-- How often a published plan of the term was taken back. Calendars that saw it meanwhile must see what follows as later.
ALTER TABLE terms ADD COLUMN plans_taken_back BIGINT NOT NULL DEFAULT 0;
