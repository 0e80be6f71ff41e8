-- Minutes a week kept free in one piece for evaluations; identities of the specialists who supervise an assistant.
ALTER TABLE specialist_contracts ADD COLUMN evaluation_block_minutes INTEGER NOT NULL DEFAULT 0
    CONSTRAINT specialist_contracts_evaluation_block CHECK (evaluation_block_minutes >= 0);
ALTER TABLE specialist_contracts ADD COLUMN supervisor_ids TEXT NOT NULL DEFAULT '[]';
