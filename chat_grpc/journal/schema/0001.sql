-- The log: every stored event, and every other change of what the tables hold, in order.
CREATE TABLE log (
  sequence   INTEGER PRIMARY KEY,
  kind       INTEGER NOT NULL,  -- 0 message, 1 user, 2 edited, 3 deleted, 4 reaction, 5 read, 6 room
  time       INTEGER NOT NULL,  -- nanoseconds since 1970
  author     INTEGER NOT NULL,  -- a user's number
  request_id TEXT,              -- NULL where none was given
  digest     BLOB,              -- of what was asked for, with a request_id
  topic      TEXT,              -- `#room` or `@number`
  topic_too  TEXT,              -- the other side of a direct message; to whom a room's event happened
  target     INTEGER,           -- the message that an event changes
  body       BLOB NOT NULL,     -- the framed event; kind 1: name, U+0000, key
  sum        INTEGER NOT NULL,  -- CRC-32 of the body
  chain      INTEGER NOT NULL   -- CRC-32 of the rest of the row, begun with the chain of the row before
) STRICT;
CREATE UNIQUE INDEX log_request ON log (author, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX log_topic ON log (topic, sequence) WHERE topic IS NOT NULL;
CREATE INDEX log_topic_too ON log (topic_too, sequence) WHERE topic_too IS NOT NULL;
CREATE INDEX log_direct ON log (topic, topic_too, sequence)
  WHERE topic_too IS NOT NULL AND kind = 0;
CREATE INDEX log_target ON log (target, kind, sequence) WHERE target IS NOT NULL;

-- All other tables are views of the log.
CREATE TABLE users (
  number    INTEGER PRIMARY KEY,
  name      TEXT NOT NULL,
  key       TEXT NOT NULL,
  guest     INTEGER NOT NULL,
  online    INTEGER NOT NULL,   -- 1 while connected
  seen_time INTEGER NOT NULL    -- seconds since 1970: when that changed
) STRICT;
CREATE INDEX users_key ON users (key, number);
CREATE INDEX users_online ON users (seen_time) WHERE guest;

CREATE TABLE tokens (
  digest   BLOB PRIMARY KEY,    -- SHA-256
  user     INTEGER NOT NULL,
  use_time INTEGER NOT NULL     -- seconds since 1970, to the hour
) STRICT, WITHOUT ROWID;

CREATE TABLE rooms (
  key         TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  topic       TEXT NOT NULL,
  invite_only INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each membership, over or not: it says which events of a room a user may read on the stream.
CREATE TABLE members (
  room          TEXT NOT NULL,
  user          INTEGER NOT NULL,
  from_sequence INTEGER NOT NULL,  -- of the event by which it began
  to_sequence   INTEGER,           -- of the event by which it ended; NULL while it lasts
  role          INTEGER NOT NULL,
  PRIMARY KEY (room, user, from_sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user, to_sequence);

CREATE TABLE invites (
  room TEXT NOT NULL,
  user INTEGER NOT NULL,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE reactions (
  target INTEGER NOT NULL,
  emoji  TEXT NOT NULL,
  user   INTEGER NOT NULL,
  PRIMARY KEY (target, emoji, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE read_markers (
  user         INTEGER NOT NULL,
  conversation TEXT NOT NULL,      -- `#room`, or `@number` of the other side
  sequence     INTEGER NOT NULL,
  PRIMARY KEY (user, conversation)
) STRICT, WITHOUT ROWID;

-- With whom a user has a direct conversation.
CREATE TABLE directs (
  user  INTEGER NOT NULL,
  other INTEGER NOT NULL,
  PRIMARY KEY (user, other)
) STRICT, WITHOUT ROWID;

-- The words of the messages; `place` names who may read them. It has no text of its own.
CREATE VIRTUAL TABLE search USING fts5 (
  text, place, content = '', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE store (
  log_id  TEXT NOT NULL,
  indexed INTEGER NOT NULL DEFAULT 0  -- messages up to here are in `search`
) STRICT;
