DROP TABLE openid_identities;
DROP TABLE openid_sign_ins;
DROP TABLE sign_in_codes;
ALTER TABLE login_sessions DROP COLUMN began_with;
