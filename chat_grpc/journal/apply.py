"""The changes of an entry to the tables, in the transaction that stores the entry.

The same log gives the same tables, on every node and at any time: everything here depends only on
the tables and the entry.
"""

from __future__ import annotations

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import AccountRequest
from chat_grpc.core.changes import (
    Change,
    Delete,
    Direct,
    Edit,
    Erase,
    Post,
    React,
    Read,
    RoomRequest,
)
from chat_grpc.core.emojis import spellings
from chat_grpc.core.entry import DELETED, EDITED, MESSAGE, Entry
from chat_grpc.core.errors import ChatError, TooManyReactions, message_not_found
from chat_grpc.core.history import blanked, respelled
from chat_grpc.core.room_rules import (
    LOBBY,
    MEMBER,
    MODERATOR,
    READER,
    check_writer,
    role_needed,
)
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.apply_accounts import apply_account
from chat_grpc.journal.apply_blocks import check_blocks, send_directly
from chat_grpc.journal.apply_markers import move_marker
from chat_grpc.journal.apply_moderation import check_mute
from chat_grpc.journal.apply_rooms import apply_room, facts_of
from chat_grpc.journal.database import row, rows, run


def apply(connection: apsw.Connection, entry: Entry, actor: User | None, next_number: int) -> None:
    """Carry out a change, and fill in the entry's outcome.

    `actor` is the entry's author, `next_number` that of the next new user.
    """
    change = entry.command.change
    assert change is not None
    try:
        if isinstance(change, AccountRequest):
            entry.outcome.unchanged = not apply_account(connection, entry, next_number)
        else:
            entry.outcome.unchanged = not _carry_out(connection, entry, change, actor)
    except ChatError as error:
        entry.outcome.error = error


def _carry_out(
    connection: apsw.Connection, entry: Entry, change: Change, actor: User | None
) -> bool:
    if isinstance(change, Post):
        assert actor is not None
        return _post(connection, change.key, entry, actor)
    if isinstance(change, Direct):
        _check_mute(connection, entry)
        send_directly(connection, entry.command.author, entry.command.channels)
        return True
    if isinstance(change, Edit):
        return _edit(connection, change, entry)
    if isinstance(change, Delete):
        return _delete(connection, change, entry)
    if isinstance(change, Erase):
        _not_deleted(connection, change.target)
        return _erase(connection, change.target, entry)
    if isinstance(change, React):
        return _react(connection, change, entry)
    if isinstance(change, Read):
        return move_marker(connection, change, entry.command.author, entry.outcome.sequence)
    assert actor is not None
    assert isinstance(change, RoomRequest)
    return apply_room(connection, change, entry, actor)


# ------------------------------------------------------------------ messages


def _post(connection: apsw.Connection, key: str, entry: Entry, actor: User) -> bool:
    if key != LOBBY:
        check_writer(key, facts_of(connection, key, actor, actor))
    _check_mute(connection, entry)
    return True


def _edit(connection: apsw.Connection, edit: Edit, entry: Entry) -> bool:
    _not_deleted(connection, edit.target)
    _still_may(connection, entry, MEMBER)
    _check_mute(connection, entry)
    entry.outcome.rewritten = _superseded(connection, edit.target)
    return True


def _superseded(connection: apsw.Connection, target: int) -> dict[int, bytes]:
    """Blank the oldest edit above the limit, so that deleting the message stays a small step."""
    found = row(
        connection,
        "SELECT sequence, body FROM log WHERE target = ? AND kind = ?"
        " ORDER BY sequence DESC LIMIT 1 OFFSET ?",
        (target, EDITED, limits.MAX_KEPT_EDITS - 1),
    )
    return {found[0]: blanked(found[1])} if found is not None else {}


def _delete(connection: apsw.Connection, delete: Delete, entry: Entry) -> bool:
    author = _not_deleted(connection, delete.target)
    _still_may(connection, entry, READER if author == entry.command.author else MODERATOR)
    return _erase(connection, delete.target, entry)


def _erase(connection: apsw.Connection, target: int, entry: Entry) -> bool:
    """Erase the text of a message and of its edits, and its reactions."""
    found = rows(
        connection,
        "SELECT sequence, body FROM log WHERE sequence = :target AND kind = :message"
        " UNION ALL SELECT * FROM (SELECT sequence, body FROM log"
        " WHERE target = :target AND kind = :edited ORDER BY sequence DESC LIMIT :kept)",
        {
            "target": target,
            "message": MESSAGE,
            "edited": EDITED,
            "kept": limits.MAX_KEPT_EDITS,
        },
    )
    entry.outcome.rewritten = {sequence: blanked(body) for sequence, body in found}
    run(connection, "DELETE FROM reactions WHERE target = ?", (target,))
    return True


def _still_may(connection: apsw.Connection, entry: Entry, least: int) -> None:
    """Raise if the author's role in the message's room is lower than `least` at this sequence.

    Also if a direct message is written to across a block; its author may delete it. Both were
    checked before the append, but an earlier entry may have changed them.
    """
    channel = entry.command.channels[0]
    if channel[0] == "@" and least > READER:
        check_blocks(connection, entry.command.author, entry.command.channels)
    if channel[0] == "@" or channel == LOBBY_CHANNEL:
        return
    found = row(
        connection,
        "SELECT role FROM members JOIN rooms ON key = room"
        " WHERE (room, user) = (?,?) AND to_sequence IS NULL AND created < ?",
        (channel[1:], entry.command.author, entry.command.target),
    )
    if found is None:
        raise message_not_found(entry.command.target)
    if found[0] < least:
        raise role_needed(least)


def _check_mute(connection: apsw.Connection, entry: Entry) -> None:
    """Raise `Muted` if the author may not write to the conversation of the message."""
    command = entry.command
    check_mute(connection, command.author, command.channels[0], command.time)


def _not_deleted(connection: apsw.Connection, target: int) -> int:
    """Return the author of a message. Raises `MessageNotFound` if it is deleted or not kept."""
    gone = row(connection, "SELECT 1 FROM log WHERE target = ? AND kind = ?", (target, DELETED))
    there = row(connection, "SELECT author FROM log WHERE sequence = ?", (target,))
    if gone is not None or there is None:
        raise message_not_found(target)
    return int(there[0])


def _react(connection: apsw.Connection, react: React, entry: Entry) -> bool:
    _not_deleted(connection, react.target)
    _still_may(connection, entry, MEMBER)
    _check_mute(connection, entry)
    author = entry.command.author
    held = _held(connection, react, author)
    if react.remove == (held is None):
        # It is stored, so that its request id is known; other users do not get it.
        entry.outcome.channels = (f"@{author}",)
    elif held is None:
        _check_emojis(connection, react)
        run(
            connection,
            "INSERT INTO reactions (target,emoji,user) VALUES (?,?,?)",
            (react.target, react.emoji, author),
        )
    else:
        run(
            connection,
            "DELETE FROM reactions WHERE (target, emoji, user) = (?,?,?)",
            (react.target, held, author),
        )
    if held is not None and held != react.emoji:
        entry.outcome.content = respelled(entry.outcome.content, held)
    return True


def _check_emojis(connection: apsw.Connection, react: React) -> None:
    """Raise `TooManyReactions` if a message may have no further emoji."""
    most = react.most_emojis
    there = (react.target, react.emoji)
    if not most or row(
        connection, "SELECT 1 FROM reactions WHERE (target, emoji) = (?,?) LIMIT 1", there
    ):
        return
    (count,) = row(
        connection, "SELECT count(DISTINCT emoji) FROM reactions WHERE target = ?", (react.target,)
    )
    if count >= most:
        raise TooManyReactions(
            f"The message has {count} different reactions, the maximum; add one of these.",
            metadata={"limit": "reactions_per_message", "reactions_per_message": str(most)},
        )


def _held(connection: apsw.Connection, react: React, user: int) -> str | None:
    """Return a user's reaction with an emoji as it is stored, in whichever spelling."""
    for emoji in spellings(react.emoji):
        reaction = (react.target, emoji, user)
        if row(
            connection, "SELECT 1 FROM reactions WHERE (target, emoji, user) = (?,?,?)", reaction
        ):
            return emoji
    return None
