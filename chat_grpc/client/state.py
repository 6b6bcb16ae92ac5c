"""The state of a client's connection, for the program."""

from __future__ import annotations

import enum


class ConnectionState(enum.Enum):
    """The state of a client's connection."""

    CONNECTING = "connecting"
    """The client is trying to connect."""
    CATCHING_UP = "catching up"
    """Connected; the events that were missed are being delivered."""
    LIVE = "live"
    """Connected; no event is missing."""
    WAITING = "waiting"
    """Not connected; the next attempt starts by itself."""
    CLOSED = "closed"
    """The client is closed and does not reconnect."""
