ALTER TABLE terms DROP COLUMN plans_taken_back;
