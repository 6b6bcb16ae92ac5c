-- The audit log: the actions of admins. The entry of the log that carries out an action records it;
-- this table is derived from the log.
CREATE TABLE audit_events (
  sequence INTEGER PRIMARY KEY,  -- the entry that carried it out
  time     INTEGER NOT NULL,     -- seconds since 1970
  author   INTEGER NOT NULL,     -- the admin; 0 for an operator on the server's own machine
  action   TEXT NOT NULL         -- JSON: method, address, subject, detail, reason
) STRICT;
CREATE INDEX audit_events_time ON audit_events (time);
