-- Block lists, derived from the log.
CREATE TABLE blocks (
  user  INTEGER NOT NULL,
  other INTEGER NOT NULL,  -- the user whom `user` blocked
  PRIMARY KEY (user, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_other ON blocks (other);
