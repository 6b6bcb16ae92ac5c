"""The exit statuses of the commands. docs/scripts.md documents them for users."""

from __future__ import annotations

DONE = 0
USAGE = 2
NOT_ALLOWED = 3
NOT_FOUND = 4
UNREACHABLE = 5
OVER_LIMIT = 6
STREAM_FAILED = 7
"""Standard input or output cannot be used."""
INTERRUPTED = 130
TERMINATED = 143
