-- Certificates: what was erased, when and by whom. The subject is named by its identity, which leads nowhere any more.
CREATE TABLE erasures (
    id UUID NOT NULL CONSTRAINT erasures_pkey PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    account_id UUID NOT NULL CONSTRAINT erasures_account_fkey REFERENCES accounts (id),
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    counts TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
