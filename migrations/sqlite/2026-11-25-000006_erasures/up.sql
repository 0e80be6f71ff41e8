-- Certificates: what was erased, when and by whom. The subject is named by its identity, which leads nowhere any more.
CREATE TABLE erasures (
    id TEXT NOT NULL CONSTRAINT erasures_pkey PRIMARY KEY,
    at TEXT NOT NULL,
    account_id TEXT NOT NULL CONSTRAINT erasures_account_fkey REFERENCES accounts (id),
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    counts TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
