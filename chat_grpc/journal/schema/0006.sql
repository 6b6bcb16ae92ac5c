-- The highest number a user ever had. Unused guests are removed; their numbers are not used again.
ALTER TABLE store ADD COLUMN last_user INTEGER NOT NULL DEFAULT 0;
-- Seconds since 1970, as in `ages`: events of users who were gone by then are no longer kept.
ALTER TABLE store ADD COLUMN pruned_time INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tokens_user ON tokens (user);

-- The event that set a read marker, NULL where another kind of event did. An event whose marker
-- was set again is in `superseded` until the upkeep removes it from the log. Python fills in both.
ALTER TABLE read_markers ADD COLUMN event INTEGER;
CREATE TABLE superseded (
  sequence INTEGER PRIMARY KEY
) STRICT;

-- The last row of each run of rows that were removed from the log: its chain links the next row.
CREATE TABLE gaps (
  sequence INTEGER PRIMARY KEY,
  chain    INTEGER NOT NULL
) STRICT;
