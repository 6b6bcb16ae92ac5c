-- A channel is where an event is visible; "topic" now means only what a room is about. SQLite
-- changes the indexes log_topic and log_topic_too with the columns; they keep their names.
ALTER TABLE log RENAME COLUMN topic     TO channel;        -- `#room` or `@number`
ALTER TABLE log RENAME COLUMN topic_too TO other_channel;  -- the second channel of an event

-- The word index is a file of its own, which the server makes from the log beside its work.
DROP TABLE search;
ALTER TABLE store DROP COLUMN indexed;
