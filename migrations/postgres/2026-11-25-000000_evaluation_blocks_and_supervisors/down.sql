ALTER TABLE specialist_contracts DROP COLUMN supervisor_ids;
ALTER TABLE specialist_contracts DROP COLUMN evaluation_block_minutes;
