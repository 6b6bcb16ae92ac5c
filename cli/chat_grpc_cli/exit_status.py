"""The exit statuses of the commands. docs/scripts.md documents them for users."""

from __future__ import annotations

DONE = 0
USAGE = 2
NOT_ALLOWED = 3
NOT_FOUND = 4
UNREACHABLE = 5
OVER_LIMIT = 6
NOT_SENT = 6
"""The user left `connect` before everything was sent."""
STREAM_FAILED = 7
"""Standard input or output cannot be used."""
INTERRUPTED = 130
TERMINATED = 143

MEANINGS = {
    DONE: "done",
    USAGE: "usage",
    NOT_ALLOWED: "not signed in or not allowed",
    NOT_FOUND: "no such client, room, message or position",
    UNREACHABLE: "server unreachable",
    OVER_LIMIT: "over a limit, or not sent",
    STREAM_FAILED: "standard input or output failed",
    INTERRUPTED: "ended by Ctrl-C",
    TERMINATED: "ended by SIGTERM",
}
"""The words for the help of the commands and for the man page."""
