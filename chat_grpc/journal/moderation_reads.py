"""Reads of bans and mutes."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, NamedTuple

from chat_grpc.core.clock import SECOND
from chat_grpc.core.moderation import Ban, Moderation, Mute
from chat_grpc.journal.database import Value, row
from chat_grpc.journal.reader import LISTS, PAGES, Reader


class ListedBan(NamedTuple):
    """A ban in the list of all. Times are in seconds since 1970."""

    ban_id: int
    user: str
    """The user's name; empty for a network."""
    user_number: int
    """0 for a network."""
    network: str
    author: str
    """The name of the admin; empty for an operator on the server's own machine."""
    create_time: int
    expire_time: int
    """0 if it does not end."""
    reason: str


class ListedMute(NamedTuple):
    """A mute in the list of all, or of a room. Times are in seconds since 1970."""

    event: int
    """The entry of the log that made it."""
    user: str
    user_number: int
    room: str
    """The name of the room; empty for everywhere."""
    by_admin: bool
    author: str | None
    """The name of the admin or moderator; empty for an operator on the server's own machine, None
    if the store no longer has it."""
    create_time: int
    """0 if the store no longer has it."""
    expire_time: int
    reason: str


_BANS = """
SELECT json_group_array(json_array(sequence, coalesce(subjects.name, cast(user AS TEXT), ''),
  coalesce(user, 0), coalesce(network, ''), coalesce(authors.name, ''), create_time, expire_time,
  reason)) FROM (
  SELECT * FROM bans WHERE sequence < :before AND (expire_time = 0 OR expire_time > :now)
  ORDER BY sequence DESC LIMIT :limit)
LEFT JOIN users AS subjects ON subjects.number = user
LEFT JOIN users AS authors ON authors.number = author
"""

# The audit log has the author for a year, also where the entry of the log was pruned.
_MUTES = """
WITH page AS MATERIALIZED (
  SELECT * FROM mutes WHERE event < :before AND expire_time > :now {of_channel}
  ORDER BY event DESC LIMIT :limit),
made AS (
  SELECT page.*, coalesce(log.author, audit_events.author) AS author,
    coalesce(log.time / :second, audit_events.time, 0) AS create_time FROM page
  LEFT JOIN log ON log.sequence = event LEFT JOIN audit_events ON audit_events.sequence = event)
SELECT json_group_array(json_array(event, coalesce(subjects.name, cast(user AS TEXT)), user,
  coalesce(rooms.name, substr(channel, 2)), by_admin, CASE author WHEN 0 THEN ''
  ELSE coalesce(authors.name, cast(author AS TEXT)) END, create_time, expire_time, reason))
FROM made
LEFT JOIN rooms ON rooms.key = substr(channel, 2)
LEFT JOIN users AS subjects ON subjects.number = user
LEFT JOIN users AS authors ON authors.number = author
"""
_ALL_MUTES = _MUTES.format(of_channel="")
_CHANNEL_MUTES = _MUTES.format(of_channel="AND channel = :channel")

_IN_FORCE = """
SELECT (SELECT json_group_array(json_array(sequence, coalesce(user, 0), coalesce(network, ''),
  expire_time, reason)) FROM (SELECT * FROM bans ORDER BY sequence)),
  (SELECT json_group_array(json_array(user, channel, expire_time, reason)) FROM mutes)
"""


class ModerationReads:
    """Reads of bans and mutes. Belongs to the event loop.

    Each raises `StorageFailed` or `StorageBusy`; those for a list also what lists raise.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def in_force(self) -> Moderation:
        """Read the bans and mutes at the head of the log."""
        bans, mutes = await self._reader.run(partial(row, sql=_IN_FORCE), PAGES)
        return Moderation(
            (Ban(*each) for each in json.loads(bans)), (Mute(*each) for each in json.loads(mutes))
        )

    async def bans(self, before: int, limit: int, now: int) -> list[ListedBan]:
        """Read the bans in force with an id below `before`, the newest first."""
        values: dict[str, Value] = {"before": before, "limit": limit, "now": now}
        (found,) = await self._reader.run(partial(row, sql=_BANS, values=values), LISTS)
        return sorted((ListedBan(*each) for each in json.loads(found)), reverse=True)

    async def mutes(
        self, before: int, limit: int, now: int, *, channel: str | None, caller: int
    ) -> list[ListedMute]:
        """Read the mutes in force that an entry below `before` made, the newest first.

        Only those of a channel; None for all. `caller` is the number of the user who asks, 0 for
        an operator.
        """
        values: dict[str, Value] = {
            "before": before,
            "limit": limit,
            "now": now,
            "second": SECOND,
        }
        sql = _ALL_MUTES
        if channel is not None:
            sql, values["channel"] = _CHANNEL_MUTES, channel
        (found,) = await self._reader.run(partial(row, sql=sql, values=values), LISTS, caller)
        return sorted(map(_listed_mute, json.loads(found)), key=lambda mute: -mute.event)


def _listed_mute(values: list[Any]) -> ListedMute:
    event, user, number, room, by_admin, *rest = values
    return ListedMute(event, user, number, room, bool(by_admin), *rest)
