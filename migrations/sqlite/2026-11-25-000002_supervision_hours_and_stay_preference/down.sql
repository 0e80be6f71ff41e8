ALTER TABLE specialist_contracts DROP COLUMN stay_preference;
ALTER TABLE specialist_contracts DROP COLUMN supervision_hours;
