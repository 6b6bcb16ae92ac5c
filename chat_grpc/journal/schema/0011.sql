-- Deleted accounts whose messages, or whose name in the log, are not all erased yet. Derived from
-- the log.
CREATE TABLE deleted_users (
  user     INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,  -- the entry that deleted the account
  messages INTEGER NOT NULL,  -- 1: the messages are deleted, too
  done     INTEGER NOT NULL   -- up to this entry everything is erased
) STRICT;
