-- The head of the log at some moments of each running hour. Retention reads the ages of events from
-- this table, because the times of events come from a clock that may have been wrong.
CREATE TABLE ages (
  sequence INTEGER PRIMARY KEY,  -- the head at that moment
  running  INTEGER NOT NULL,     -- seconds for which servers had run on this store
  time     INTEGER NOT NULL      -- nanoseconds since 1970, as `EventClock.trusted` gives them
) STRICT;

ALTER TABLE store ADD COLUMN running INTEGER NOT NULL DEFAULT 0;  -- seconds, as in `ages`
ALTER TABLE store ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0;  -- nanoseconds, as in `ages`
-- Up to this event, the times in the log come from an unguarded clock. Python sets this, and derives
-- `ages` and `trusted` from the log.
ALTER TABLE store ADD COLUMN unguarded INTEGER NOT NULL DEFAULT 0;

-- Each start of a server on this store. The starts of a copy of the store are not in it.
CREATE TABLE incarnations (
  number INTEGER PRIMARY KEY,
  id     TEXT NOT NULL,
  after  INTEGER NOT NULL  -- the head at the start
) STRICT;
