"""Changes of block lists, in the commit, and the checks of what a block forbids."""

from __future__ import annotations

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import BLOCKED, UNBLOCKED, AccountChanged, Block
from chat_grpc.core.blocks import other_side, refusal
from chat_grpc.core.errors import BlockListFull
from chat_grpc.core.user import User
from chat_grpc.journal.database import row, run
from chat_grpc.journal.place import Place


def block(request: Block, place: Place) -> AccountChanged | None:
    """Put a user on the author's list, or take one off it. Raises `BlockListFull`."""
    user, other = place.user(place.command.author), place.user(request.other)
    pair = (user.number, other.number)
    there = row(place.connection, "SELECT 1 FROM blocks WHERE (user, other) = (?,?)", pair)
    if (there is not None) == request.blocked:
        return None
    if request.blocked:
        _check_space(place, user)
        run(place.connection, "INSERT INTO blocks (user, other) VALUES (?,?)", pair)
    else:
        run(place.connection, "DELETE FROM blocks WHERE (user, other) = (?,?)", pair)
    what = BLOCKED if request.blocked else UNBLOCKED
    return AccountChanged(what, values={"user": user.number, "other": other.number})


def _check_space(place: Place, user: User) -> None:
    most = limits.MAX_BLOCKED_BY_GUEST if user.guest else limits.MAX_BLOCKED
    sql = "SELECT count(*) FROM blocks WHERE user = ?"
    if row(place.connection, sql, (user.number,))[0] >= most:
        raise BlockListFull(
            f"You blocked {most} users, the maximum; unblock some of them.",
            metadata={"max_blocked": str(most)},
        )


def check_blocks(connection: apsw.Connection, author: int, channels: tuple[str, ...]) -> None:
    """Raise `BlockedByUser` or `UserBlocked` if a block forbids to write in a conversation."""
    other = other_side(author, channels)
    if not other:
        return
    blocked, blocks = row(
        connection,
        "SELECT EXISTS (SELECT 1 FROM blocks WHERE (user, other) = (:other, :author)),"
        " EXISTS (SELECT 1 FROM blocks WHERE (user, other) = (:author, :other))",
        {"author": author, "other": other},
    )
    if error := refusal(bool(blocked), bool(blocks), other):
        raise error


def send_directly(connection: apsw.Connection, author: int, channels: tuple[str, ...]) -> None:
    """Note the conversation of a direct message; raise as `check_blocks` does."""
    check_blocks(connection, author, channels)
    one, other = int(channels[0][1:]), int(channels[-1][1:])
    sql = "INSERT OR IGNORE INTO directs (user, other) VALUES (?,?), (?,?)"
    run(connection, sql, (one, other, other, one))
