-- The log: every stored event, and every other change of the tables, in order.
CREATE TABLE log (
  sequence   INTEGER PRIMARY KEY,
  kind       INTEGER NOT NULL,  -- 0: an event; 1: a user
  time       INTEGER NOT NULL,  -- nanoseconds since 1970
  author     INTEGER NOT NULL,  -- a user's number
  request_id TEXT,              -- NULL if there is none
  digest     BLOB,              -- of the request, if it has a request_id
  topic      TEXT,              -- `#room` or `@number`
  topic_too  TEXT,              -- the other side of a direct message
  body       BLOB NOT NULL      -- kind 0: the encoded event; kind 1: name, U+0000, key
) STRICT;
CREATE UNIQUE INDEX log_request ON log (author, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX log_topic ON log (topic, sequence) WHERE topic IS NOT NULL;
CREATE INDEX log_topic_too ON log (topic_too, sequence) WHERE topic_too IS NOT NULL;

-- The users, derived from the log.
CREATE TABLE users (
  number    INTEGER PRIMARY KEY,
  name      TEXT NOT NULL,
  key       TEXT NOT NULL,
  guest     INTEGER NOT NULL,
  online    INTEGER NOT NULL,   -- 1 while connected
  seen_time INTEGER NOT NULL    -- seconds since 1970 of the last change
) STRICT;
CREATE INDEX users_key ON users (key, number);
CREATE INDEX users_online ON users (seen_time) WHERE guest;

CREATE TABLE tokens (
  digest   BLOB PRIMARY KEY,    -- SHA-256
  user     INTEGER NOT NULL,
  use_time INTEGER NOT NULL     -- seconds since 1970, to the hour
) STRICT, WITHOUT ROWID;

CREATE TABLE store (
  log_id TEXT NOT NULL
) STRICT;
