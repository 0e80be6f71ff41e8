ALTER TABLE service_requests DROP COLUMN consent_on;
