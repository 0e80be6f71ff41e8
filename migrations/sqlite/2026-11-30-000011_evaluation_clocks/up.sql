-- When the parent's consent to an evaluation arrived; nothing says for whom. Only requests for evaluations have it.
ALTER TABLE service_requests ADD COLUMN consent_on TEXT
    CONSTRAINT service_requests_consent_on CHECK (consent_on IS NULL OR priority = 'evaluation');
