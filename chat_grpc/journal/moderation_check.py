"""The check of bans, mutes and the audit log: the tables must equal a replay of the log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import BANNED, MUTED, UNBANNED
from chat_grpc.core.clock import SECOND
from chat_grpc.journal.database import rows

_BANS = """
SELECT sequence, coalesce(user, 0), coalesce(network, ''), author, create_time, expire_time, reason
FROM bans
"""
_MUTES = "SELECT user, channel, event, by_admin, expire_time, reason FROM mutes"
_ACTIONS = "SELECT sequence, time, author, action FROM audit_events"


class ModerationTables:
    """Derives the tables from the log, and compares them with the stored ones.

    If the beginning of the log is no longer kept, rows that the rest does not name are not
    compared.
    """

    def __init__(self, connection: apsw.Connection, pruned: int) -> None:
        """Up to the sequence `pruned` the log is no longer kept."""
        self._connection = connection
        self._pruned = pruned
        self._bans: dict[Any, tuple[Any, ...]] = {}
        """By id: user, network, author, creation, end, reason."""
        self._mutes: dict[Any, tuple[Any, ...]] = {}
        """By user and channel: entry, whether by an admin, end, reason."""
        self._actions: dict[Any, tuple[Any, ...]] = {}
        """By sequence: time, author, action."""

    def take(self, sequence: int, author: int, time: int, told: dict[str, Any]) -> None:
        """Take an entry of accounts."""
        seconds = time // SECOND
        match told["what"]:
            case what if what == BANNED:
                subject = (told["user"], told["network"])
                self._bans = {
                    ban: values
                    for ban, values in self._unended_bans(seconds)
                    if values[:2] != subject
                }
                values = (*subject, author, seconds, told["expires"], told["reason"])
                self._bans[sequence] = values
            case what if what == UNBANNED:
                self._bans = dict(self._unended_bans(seconds))
                self._bans.pop(told["ban"], None)
            case what if what == MUTED:
                self._take_mute(sequence, seconds, told)
        if "action" in told:
            self._actions[sequence] = (seconds, author, told["action"])
            oldest = seconds - int(limits.AUDIT_LIFETIME)
            self._actions = {n: each for n, each in self._actions.items() if each[0] >= oldest}

    def take_deleted_room(self, channel: str) -> None:
        """Take the deletion of a room."""
        self._mutes = {key: mute for key, mute in self._mutes.items() if key[1] != channel}

    def _unended_bans(self, seconds: int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        return ((ban, each) for ban, each in self._bans.items() if not 0 < each[4] <= seconds)

    def _take_mute(self, sequence: int, seconds: int, told: dict[str, Any]) -> None:
        key = (told["user"], told["channel"])
        self._mutes = {
            each: mute
            for each, mute in self._mutes.items()
            if each[1] != key[1] or (mute[2] > seconds and each != key)
        }
        if end := told["expires"]:
            self._mutes[key] = (sequence, int(told["by_admin"]), end, told["reason"])

    def findings(self) -> Iterator[str]:
        """Yield a sentence for each difference."""
        bans = {ban: tuple(values) for ban, *values in rows(self._connection, _BANS)}
        yield from self._compare("bans", bans, self._bans)
        mutes = {(user, at): tuple(rest) for user, at, *rest in rows(self._connection, _MUTES)}
        yield from self._compare("mutes", mutes, self._mutes)
        actions = {
            sequence: (time, author, json.loads(action))
            for sequence, time, author, action in rows(self._connection, _ACTIONS)
        }
        yield from self._compare("audit_events", actions, self._actions)

    def _compare(
        self, table: str, found: Mapping[Any, Any], told: Mapping[Any, Any]
    ) -> Iterator[str]:
        for key in sorted(found.keys() | told.keys()):
            if found.get(key) != told.get(key) and not (self._pruned and key not in told):
                yield f"{table}: {key} is not as the log says"
