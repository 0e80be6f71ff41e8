DROP TABLE sign_in_failures;
DROP TABLE known_devices;
DROP TABLE login_sessions;
DROP TABLE invitations;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE passwords;
