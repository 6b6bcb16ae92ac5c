-- Accounts, tokens and invite codes. The log has a new kind, 7: a change of these, as JSON. All
-- three tables are derived from the log; `use_time` of `tokens` is not, and expired tokens are
-- removed by the upkeep.
CREATE TABLE accounts (
  user     INTEGER PRIMARY KEY,
  password TEXT NOT NULL,      -- argon2id, in the PHC string format
  event    INTEGER NOT NULL,   -- the entry of the log that set it
  admin    INTEGER NOT NULL
) STRICT;
-- A name belongs to one account at most.
CREATE UNIQUE INDEX users_account ON users (key) WHERE NOT guest;

ALTER TABLE tokens ADD COLUMN sequence    INTEGER NOT NULL DEFAULT 0;  -- the entry that made it: its id
ALTER TABLE tokens ADD COLUMN create_time INTEGER NOT NULL DEFAULT 0;  -- seconds since 1970
ALTER TABLE tokens ADD COLUMN label       TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN bot         INTEGER NOT NULL DEFAULT 0;  -- 1: does not expire
ALTER TABLE tokens ADD COLUMN ended       INTEGER;  -- the entry that revoked it; NULL while it is valid
-- A guest of an older store has one token, as old as the guest.
UPDATE tokens SET sequence = user, create_time = use_time;
UPDATE tokens SET sequence = log.sequence, create_time = log.time / 1000000000
  FROM log WHERE log.kind = 1 AND log.author = tokens.user;
DROP INDEX tokens_user;
CREATE INDEX tokens_user ON tokens (user, sequence);

CREATE TABLE invite_codes (
  sequence    INTEGER PRIMARY KEY,  -- the entry that made it: its id
  digest      BLOB NOT NULL,        -- SHA-256
  author      INTEGER NOT NULL,     -- the admin; 0 for an operator on the server's own machine
  create_time INTEGER NOT NULL,     -- seconds since 1970
  expire_time INTEGER NOT NULL,
  uses        INTEGER NOT NULL,     -- in all
  used        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invite_codes_digest ON invite_codes (digest);
