"""The check of block lists and deleted accounts: the tables must equal a replay of the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from chat_grpc.core.account_changes import BLOCKED, DELETED, FORGOTTEN, UNBLOCKED
from chat_grpc.core.entry import DELETED as DELETED_MESSAGE
from chat_grpc.core.entry import MESSAGE
from chat_grpc.journal.database import rows


class PrivacyTables:
    """Derives the tables from the log, and compares them with the stored ones."""

    def __init__(self, connection: apsw.Connection, pruned: int) -> None:
        """Up to the sequence `pruned` the log is no longer kept."""
        self._connection = connection
        self._pruned = pruned
        self._blocks: dict[tuple[int, int], bool] = {}
        self._erasing: dict[int, tuple[int, int, int]] = {}
        """Entry of the deletion, whether messages are deleted, and how far, by the user."""
        self._erased: dict[int, int] = {}
        """The users whose messages are all deleted: the entry of the deletion."""

    def take(self, sequence: int, told: dict[str, Any]) -> None:
        """Take an entry of accounts."""
        what = told["what"]
        if what in (BLOCKED, UNBLOCKED):
            self._blocks[told["user"], told["other"]] = what == BLOCKED
        elif what == DELETED:
            user = told["user"]
            self._erasing[user] = (sequence, int(told["messages"]), 0)
            self._blocks |= dict.fromkeys((p for p in self._blocks if user in p), False)
        elif what == FORGOTTEN and told["other"] in self._erasing:
            at, messages, _ = self._erasing[told["other"]]
            self._erasing[told["other"]] = (at, messages, told["up_to"])
            if told["last"]:
                del self._erasing[told["other"]]
                if messages:
                    self._erased[told["other"]] = at

    def findings(self) -> Iterator[str]:
        """Yield a sentence for each difference."""
        yield from self._compare_blocks()
        found = {
            user: tuple(values)
            for user, *values in rows(
                self._connection, "SELECT user, sequence, messages, done FROM deleted_users"
            )
        }
        for user in sorted(found.keys() | self._erasing.keys()):
            may_be_older = self._pruned and user not in self._erasing
            if found.get(user) != self._erasing.get(user) and not may_be_older:
                yield f"deleted_users: {user} is not as the log says"
        for user, before in sorted(self._erased.items()):
            yield from self._not_erased(user, before)

    def _compare_blocks(self) -> Iterator[str]:
        found = set(rows(self._connection, "SELECT user, other FROM blocks"))
        for pair, there in sorted(self._blocks.items()):
            if (pair in found) != there:
                yield f"blocks: {pair} is {'missing' if there else 'gone, but there'}"
        if not self._pruned:
            extra = sorted(found - self._blocks.keys())
            yield from (f"blocks: {pair} is not in the log" for pair in extra)

    def _not_erased(self, user: int, before: int) -> Iterator[str]:
        messages = rows(
            self._connection,
            "SELECT sequence FROM log AS m WHERE author = ? AND kind = ? AND sequence < ?"
            " AND NOT EXISTS (SELECT 1 FROM log WHERE target = m.sequence AND kind = ?)",
            (user, MESSAGE, before, DELETED_MESSAGE),
        )
        for (sequence,) in messages:
            yield f"the message {sequence} is of a deleted account, but is not erased"
