-- What a term is: of the regular school year, or extended school year.
ALTER TABLE terms ADD COLUMN kind TEXT NOT NULL DEFAULT 'regular';
