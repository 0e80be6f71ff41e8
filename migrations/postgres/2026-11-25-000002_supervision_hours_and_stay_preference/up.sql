-- When this specialist supervises assistants, the weekly hours when empty; how strongly long stays are preferred, the
-- co-op's preference when empty.
ALTER TABLE specialist_contracts ADD COLUMN supervision_hours TEXT;
ALTER TABLE specialist_contracts ADD COLUMN stay_preference TEXT
    CONSTRAINT specialist_contracts_stay_preference CHECK (stay_preference IN ('any', 'half_day', 'whole_day'));
