-- An event is visible in its channels; "topic" now only means the topic of a room. SQLite changes
-- the indexes log_topic and log_topic_too with the columns; they keep their names.
ALTER TABLE log RENAME COLUMN topic     TO channel;        -- `#room` or `@number`
ALTER TABLE log RENAME COLUMN topic_too TO other_channel;  -- the second channel of an event

-- The word index is now a file of its own, which the server builds in the background.
DROP TABLE search;
ALTER TABLE store DROP COLUMN indexed;
