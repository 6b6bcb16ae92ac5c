"""What a program hears of its connection."""

from __future__ import annotations

import enum


class ConnectionState(enum.Enum):
    """How the connection is."""

    CONNECTING = "connecting"
    """A try is under way."""
    CATCHING_UP = "catching up"
    """Connected; what was missed is coming."""
    LIVE = "live"
    """Connected; nothing is missing."""
    WAITING = "waiting"
    """Not connected; the next try comes by itself."""
    CLOSED = "closed"
    """Ended for good."""
