"""Pruning: old events, request ids, tokens, unused guests, and superseded read markers.

Each function takes one bounded step, in a transaction of its own. Everything here blocks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import apsw

from chat_grpc.core import limits
from chat_grpc.core.clock import SECOND, Moment
from chat_grpc.core.stream import FOREVER
from chat_grpc.journal import ages
from chat_grpc.journal.database import Value, row, rows, run, transaction
from chat_grpc.journal.rows import sum_of

_FORGET_ROWS = 500
_PRUNE_ROWS = 200
_USER_ROWS = 500
_MARKER_ROWS = 200

SUPERSEDED_AFTER = 3600.0
"""The age in seconds from which superseded read markers are removed."""

_ACTIVITY_STEP = 7200
"""Seconds by which the last activity of a user may be later than the store says."""

# Pruning the log frees nothing of these.
_LASTING = (
    *("users", "users_key", "users_online", "users_account", "accounts", "tokens", "tokens_user"),
    *("invite_codes", "invite_codes_digest", "read_markers", "rooms"),
    *("members", "members_user", "invites", "directs", "incarnations"),
    *("audit_events", "audit_events_time", "bans", "bans_user", "bans_network"),
    *("mutes", "mutes_channel", "blocks", "blocks_other"),
)


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention of events. Events whose request ids are still known are always kept."""

    seconds: float = 0.0
    """The age from which events are dropped; 0 keeps all."""
    size: int = 0
    """The bytes of events above which the oldest are dropped; 0 keeps all."""


def forget(connection: apsw.Connection, than: Moment) -> bool:
    """Forget the request ids of some events older than a moment; False where none is left."""
    up_to = ages.older(connection, "forgotten", than)
    if not up_to:
        return False
    old = rows(
        connection,
        "SELECT sequence, request_id, body FROM log"
        " WHERE sequence > (SELECT forgotten FROM store) AND sequence <= ?"
        " ORDER BY sequence LIMIT ?",
        (up_to, _FORGET_ROWS),
    )
    values = [(sum_of(None, None, body), sequence) for sequence, known, body in old if known]
    with transaction(connection):
        connection.executemany(
            "UPDATE log SET request_id = NULL, digest = NULL, sum = ? WHERE sequence = ?", values
        )
        last = old[-1][0] if len(old) == _FORGET_ROWS else up_to
        run(connection, "UPDATE store SET forgotten = ?", (last,))
    return True


def lasting_size(connection: apsw.Connection) -> int:
    """Return the bytes of the tables that pruning does not make smaller.

    Reads all their pages: about 0.1 s for a million users.
    """
    marks = ",".join("?" * len(_LASTING))
    sizes = f"SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1 AND name IN ({marks})"
    return int(row(connection, sizes, _LASTING)[0] or 0)


def prunable(
    connection: apsw.Connection, retention: Retention, now: Moment, lasting: int = 0
) -> int:
    """Return the last of some of the oldest events that are no longer kept, 0 for none.

    Events whose request ids are still known stay. `lasting` is the result of `lasting_size`.
    """
    while up_to := _oldest_age(connection, retention, now, lasting):
        (last,) = row(
            connection,
            "SELECT max(sequence) FROM (SELECT sequence FROM log WHERE sequence <= ?"
            " ORDER BY sequence LIMIT ?)",
            (up_to, _PRUNE_ROWS),
        )
        if last is not None:
            return int(last)
        # All events of that age were superseded read markers.
        run(connection, "DELETE FROM ages WHERE sequence <= ?", (up_to,))
    return 0


def _oldest_age(
    connection: apsw.Connection, retention: Retention, now: Moment, lasting: int
) -> int:
    known = limits.REQUEST_ID_LIFETIME
    if retention.seconds and (
        up_to := ages.older(connection, "pruned", before(now, known, retention.seconds))
    ):
        return up_to
    if retention.size and _used(connection) - lasting > retention.size:
        return ages.older(connection, "pruned", before(now, known))
    return 0


def prune(connection: apsw.Connection, *, last: int) -> None:
    """Drop the events up to one; users, rooms and memberships stay."""
    with transaction(connection):
        run(
            connection,
            "UPDATE store SET pruned = :last,"
            " pruned_chain = (SELECT chain FROM log WHERE sequence = :last),"
            " forgotten = max(forgotten, :last),"
            " pruned_time = max(pruned_time, coalesce("
            "  (SELECT max(time) / :second FROM ages WHERE sequence <= :last), 0))",
            {"last": last, "second": SECOND},
        )
        run(connection, "DELETE FROM reactions WHERE target <= ?", (last,))
        for table in ("log", "ages", "gaps", "superseded"):
            run(connection, f"DELETE FROM {table} WHERE sequence <= ?", (last,))


def prune_tokens(connection: apsw.Connection, now: Moment, after: bytes) -> bytes:
    """Remove the expired tokens among the next ones after a digest.

    Bot tokens do not expire. A revoked token is kept as long as it would have been valid, so that
    its user learns why it is refused. Returns the last digest that was examined, empty after the
    last one.
    """
    found = rows(
        connection,
        "SELECT digest, user, use_time, iif(guest, :guest, :account) AS lifetime,"
        " bot AND ended IS NULL AS lasting FROM tokens JOIN users ON user = number"
        " WHERE digest > :after ORDER BY digest LIMIT :rows",
        {
            "after": after,
            "rows": _USER_ROWS,
            "guest": int(limits.GUEST_LIFETIME),
            "account": int(limits.ACCOUNT_LIFETIME),
        },
    )
    seconds = now.time // SECOND - int(limits.ENDED_TOKEN_KEPT)
    expired = [each[:3] for each in found if not each[4] and each[2] + each[3] < seconds]
    if expired:
        with transaction(connection):
            # The use of a token is an activity of its user.
            connection.executemany(
                "UPDATE users SET seen_time = max(seen_time, ?) WHERE number = ?",
                [(use, user) for _, user, use in expired],
            )
            connection.executemany(
                "DELETE FROM tokens WHERE digest = ?", [(digest,) for digest, *_ in expired]
            )
    return found[-1][0] if len(found) == _USER_ROWS else b""


_UNUSED = """
SELECT number FROM users WHERE number IN (SELECT value FROM json_each(?))
AND guest AND NOT online AND seen_time < (SELECT pruned_time FROM store) - ?
AND NOT EXISTS (SELECT 1 FROM tokens WHERE user = number)
AND NOT EXISTS (SELECT 1 FROM members WHERE user = number)
AND NOT EXISTS (SELECT 1 FROM directs WHERE user = number)
AND number NOT IN (SELECT user FROM invites)
AND NOT EXISTS (SELECT 1 FROM blocks WHERE other = number)
AND number NOT IN (SELECT user FROM deleted_users)
"""


def prune_guests(connection: apsw.Connection, after: int) -> int:
    """Remove the unused guests among the next users after a number.

    A guest is unused who has no token, no room and no direct conversation, whom nobody blocked, and
    of whom no event is kept. Returns the last number that was examined, 0 after the last one.
    """
    (found,) = row(
        connection,
        "SELECT json_group_array(number) FROM"
        " (SELECT number FROM users WHERE number > ? ORDER BY number LIMIT ?)",
        (after, _USER_ROWS),
    )
    numbers = json.loads(found)
    unused: list[tuple[Value, ...]] = rows(connection, _UNUSED, (found, _ACTIVITY_STEP))
    if unused:
        with transaction(connection):
            run(
                connection,
                "UPDATE store SET last_user = max(last_user, (SELECT max(number) FROM users))",
            )
            connection.executemany("DELETE FROM read_markers WHERE user = ?", unused)
            connection.executemany("DELETE FROM blocks WHERE user = ?", unused)
            connection.executemany("DELETE FROM users WHERE number = ?", unused)
    return int(numbers[-1]) if len(numbers) == _USER_ROWS else 0


def remove_superseded(connection: apsw.Connection, than: Moment) -> bool:
    """Remove some superseded read markers older than a moment; False if none is left.

    Younger ones stay: clients that resume within that time do not miss an event.
    """
    found = rows(
        connection,
        "SELECT sequence, chain FROM superseded LEFT JOIN log USING (sequence)"
        " WHERE sequence <= (SELECT max(sequence) FROM ages WHERE running <= ? AND time <= ?)"
        " ORDER BY sequence LIMIT ?",
        (int(than.running), than.time, _MARKER_ROWS),
    )
    if not found:
        return False
    with transaction(connection):
        for sequence, chain in found:
            if chain is not None:
                _remove(connection, sequence, chain)
            run(connection, "DELETE FROM superseded WHERE sequence = ?", (sequence,))
    return True


def _remove(connection: apsw.Connection, sequence: int, chain: int) -> None:
    """Remove a row of the log, and keep the chain that links the next row."""
    run(connection, "DELETE FROM log WHERE sequence = ?", (sequence,))
    (after,) = row(
        connection,
        "SELECT coalesce(min(sequence), ?) FROM log WHERE sequence > ?",
        (FOREVER, sequence),
    )
    (before_,) = row(
        connection, "SELECT coalesce(max(sequence), 0) FROM log WHERE sequence < ?", (sequence,)
    )
    run(connection, "INSERT INTO gaps (sequence, chain) VALUES (?,?)", (sequence, chain))
    # Only the last removed row of a run links a row that is there.
    run(
        connection,
        "DELETE FROM gaps WHERE sequence > :before AND sequence < (SELECT max(sequence) FROM gaps"
        " WHERE sequence < :after)",
        {"before": before_, "after": after},
    )


def before(now: Moment, running: float, seconds: float = 0.0) -> Moment:
    """Return the moment a running time before another, and at least some seconds before it."""
    return Moment(now.running - running, now.time - int(seconds * SECOND))


def _used(connection: apsw.Connection) -> int:
    (pages,) = row(connection, "PRAGMA page_count")
    (free,) = row(connection, "PRAGMA freelist_count")
    (size,) = row(connection, "PRAGMA page_size")
    return int((pages - free) * size)
