-- A channel is where an event is visible; "topic" now means only what a room is about. SQLite
-- changes the indexes log_topic and log_topic_too with the columns; they keep their names.
ALTER TABLE log RENAME COLUMN topic     TO channel;        -- `#room` or `@number`
ALTER TABLE log RENAME COLUMN topic_too TO other_channel;  -- the second channel of an event

-- Retention removed the words of deleted messages a second time, which damaged the totals of the
-- word index. The server indexes all messages again, in small steps beside its work.
INSERT INTO search (search) VALUES ('delete-all');
UPDATE store SET indexed = pruned;
