-- Bans and mutes. Both tables are derived from the log. A change of a ban removes those that have
-- ended by its time, and a change of a mute those in its channel.
CREATE TABLE bans (
  sequence    INTEGER PRIMARY KEY,  -- the entry that made it: its id
  user        INTEGER,              -- NULL for a network
  network     TEXT,                 -- in CIDR notation; NULL for a user
  author      INTEGER NOT NULL,     -- the admin; 0 for an operator on the server's own machine
  create_time INTEGER NOT NULL,     -- seconds since 1970
  expire_time INTEGER NOT NULL,     -- 0 if it does not end
  reason      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX bans_user ON bans (user) WHERE user IS NOT NULL;
CREATE UNIQUE INDEX bans_network ON bans (network) WHERE network IS NOT NULL;

CREATE TABLE mutes (
  user        INTEGER NOT NULL,
  channel     TEXT NOT NULL,     -- `#room`; empty for everywhere
  event       INTEGER NOT NULL,  -- the entry that made it
  by_admin    INTEGER NOT NULL,  -- 0 for a moderator of the room
  expire_time INTEGER NOT NULL,  -- seconds since 1970
  reason      TEXT NOT NULL,
  PRIMARY KEY (user, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX mutes_channel ON mutes (channel);
