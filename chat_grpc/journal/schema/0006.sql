-- The highest number of any user. Unused guests are removed; their numbers are not reused.
ALTER TABLE store ADD COLUMN last_user INTEGER NOT NULL DEFAULT 0;
-- Seconds since 1970, as in `ages`: no event is kept of users who were last active before this time.
ALTER TABLE store ADD COLUMN pruned_time INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tokens_user ON tokens (user);

-- The event that set a read marker; NULL if it was not a read event. A superseded event stays in
-- `superseded` until the upkeep removes it from the log. Python fills in both.
ALTER TABLE read_markers ADD COLUMN event INTEGER;
CREATE TABLE superseded (
  sequence INTEGER PRIMARY KEY
) STRICT;

-- The last row of each run of rows that were removed from the log: its chain links the next row.
CREATE TABLE gaps (
  sequence INTEGER PRIMARY KEY,
  chain    INTEGER NOT NULL
) STRICT;
