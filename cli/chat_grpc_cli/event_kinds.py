"""The kinds of the events that are about users and rooms, as the contract names them."""

from __future__ import annotations

KINDS = (
    *("message", "edited", "deleted", "reaction"),
    *("room_change", "presence", "typing", "read_marker"),
)
"""All of them. Other events, such as `welcome`, are about the stream."""

ANSWERED = ("message", "edited", "room_change")
"""The kinds that name a conversation to which an answer can go."""
