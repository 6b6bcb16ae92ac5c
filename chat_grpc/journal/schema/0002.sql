-- Changes of messages, rooms, read markers, search, and checksums. The kinds of the log are now:
-- 0 message, 1 user, 2 edited, 3 deleted, 4 reaction, 5 read, 6 room. `topic_too` is also the
-- channel of the user whom an event of a room concerns. Python sets the checksums of existing rows.
ALTER TABLE log ADD COLUMN target INTEGER;                   -- the message that an event changes
ALTER TABLE log ADD COLUMN sum    INTEGER NOT NULL DEFAULT 0;  -- of the row; see rows.py
ALTER TABLE log ADD COLUMN chain  INTEGER NOT NULL DEFAULT 0;
CREATE INDEX log_direct ON log (topic, topic_too, sequence)
  WHERE topic_too IS NOT NULL AND kind = 0;
CREATE INDEX log_target ON log (target, kind, sequence) WHERE target IS NOT NULL;

-- The tables below are derived from the log: the same log gives the same rows. The columns `online`
-- and `seen_time` of `users`, and the tables `tokens` and `store`, are not derived from the log.
CREATE TABLE rooms (
  key         TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  topic       TEXT NOT NULL,
  invite_only INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each membership, present or past: the events of a room that a user may read on the stream.
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

-- Events before a user's first arrival do not count as unread.
INSERT INTO read_markers SELECT author, '#lobby', sequence FROM log WHERE kind = 1;

-- The direct conversations of each user.
CREATE TABLE directs (
  user  INTEGER NOT NULL,
  other INTEGER NOT NULL,
  PRIMARY KEY (user, other)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO directs
  SELECT CAST(substr(topic, 2) AS INTEGER), CAST(substr(coalesce(topic_too, topic), 2) AS INTEGER)
  FROM log WHERE topic LIKE '@%';
INSERT OR IGNORE INTO directs SELECT other, user FROM directs;

-- The words of the messages; `place` has the channels in which they are visible. The table has no
-- text of its own, and removed words are overwritten.
CREATE VIRTUAL TABLE search USING fts5 (
  text, place, content = '',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Mn Mc So Co'"
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

ALTER TABLE store ADD COLUMN indexed      INTEGER NOT NULL DEFAULT 0;  -- up to here in `search`
ALTER TABLE store ADD COLUMN forgotten    INTEGER NOT NULL DEFAULT 0;  -- up to here without request ids
ALTER TABLE store ADD COLUMN pruned       INTEGER NOT NULL DEFAULT 0;  -- up to here no longer kept
ALTER TABLE store ADD COLUMN pruned_chain INTEGER NOT NULL DEFAULT 0;  -- of the last one not kept
