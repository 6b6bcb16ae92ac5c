-- Accounts of users of OpenID Connect issuers. Both tables are derived from the log.
CREATE TABLE issuer_accounts (
  issuer  TEXT NOT NULL,
  subject TEXT NOT NULL,
  user    INTEGER NOT NULL,
  event   INTEGER NOT NULL,  -- the entry of the log that created the account: it has the subject
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issuer_accounts_user ON issuer_accounts (user);

-- ID tokens that signed in, and would still be valid. A sign-in removes the expired ones.
CREATE TABLE used_id_tokens (
  digest      BLOB PRIMARY KEY,  -- SHA-256
  expire_time INTEGER NOT NULL   -- seconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX used_id_tokens_expire ON used_id_tokens (expire_time);
