"""Exit statuses of the commands. docs/terminal.md documents them."""

from __future__ import annotations

DONE = 0
USAGE = 2
NOT_ALLOWED = 3
NOT_THERE = 4
UNREACHABLE = 5
OVER_A_LIMIT = 6
