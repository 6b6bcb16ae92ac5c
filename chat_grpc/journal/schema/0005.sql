-- A room can be deleted and its name reused: events before `created` belong to an older room.
ALTER TABLE rooms ADD COLUMN created INTEGER NOT NULL DEFAULT 0;  -- 0: before this step

-- Deleted rooms whose messages are not all erased yet.
CREATE TABLE deleted_rooms (
  sequence INTEGER PRIMARY KEY,    -- of the event that deleted it
  channel  TEXT NOT NULL,
  user     INTEGER NOT NULL        -- the owner who deleted it
) STRICT;
