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
    CreateRoom,
    Delete,
    Direct,
    Edit,
    Erase,
    Invite,
    Post,
    React,
    Read,
    RoomRequest,
    SetRole,
    UpdateRoom,
)
from chat_grpc.core.emojis import spellings
from chat_grpc.core.entry import DELETED, EDITED, MESSAGE, Entry
from chat_grpc.core.errors import ChatError, TooManyReactions, message_not_found
from chat_grpc.core.history import blanked, respelled
from chat_grpc.core.room_rules import (
    CREATED,
    INVITED,
    JOINED,
    LEFT,
    LOBBY,
    MEMBER,
    MODERATOR,
    OWNER,
    READER,
    ROLE,
    UPDATED,
    Facts,
    RoomChanged,
    channel_of,
    check_invitations,
    check_owned_rooms,
    check_writer,
    decide,
    role_needed,
)
from chat_grpc.core.room_rules import DELETED as ROOM_DELETED
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.apply_accounts import apply_account
from chat_grpc.journal.apply_blocks import check_blocks, send_directly
from chat_grpc.journal.apply_moderation import check_mute
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
        return _read(connection, change, entry.command.author, entry.outcome.sequence)
    assert actor is not None
    assert isinstance(change, RoomRequest)
    return _room(connection, change, entry, actor)


# ------------------------------------------------------------------ messages


def _post(connection: apsw.Connection, key: str, entry: Entry, actor: User) -> bool:
    if key != LOBBY:
        check_writer(key, _facts(connection, key, actor, actor))
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


def _read(connection: apsw.Connection, read: Read, user: int, event: int | None) -> bool:
    before = row(
        connection,
        "SELECT sequence, event FROM read_markers WHERE (user, conversation) = (?,?)",
        (user, read.conversation),
    )
    if before is not None and read.up_to <= before[0]:
        return False
    run(
        connection,
        "INSERT INTO read_markers (user, conversation, sequence, event) VALUES (?,?,?,?)"
        " ON CONFLICT DO UPDATE SET sequence = excluded.sequence, event = excluded.event",
        (user, read.conversation, read.up_to, event),
    )
    if before is not None and before[1] is not None:
        run(connection, "INSERT INTO superseded VALUES (?)", (before[1],))
    return True


# ------------------------------------------------------------------ rooms


def _room(connection: apsw.Connection, request: RoomRequest, entry: Entry, actor: User) -> bool:
    subject = request.subject if isinstance(request, Invite | SetRole) else actor
    changed = decide(request, actor, _facts(connection, request.key, actor, subject))
    if changed is None:
        return False
    if isinstance(request, CreateRoom | Invite | UpdateRoom):
        # Others read the name and the topic, and get the invitation.
        check_mute(connection, actor.number, channel_of(request.key), entry.command.time)
    if isinstance(request, CreateRoom):
        check_owned_rooms(_owned_rooms(connection, actor.number), request.most_owned)
    elif isinstance(request, Invite):
        count = _invitations(connection, request.key)
        check_invitations(changed.name, count, request.most_invitations)
    entry.outcome.room = changed
    entry.outcome.channels = changed.channels
    entry.outcome.content = changed.content(entry.command.time)
    _store_room(connection, changed, entry.outcome.sequence)
    return True


def _owned_rooms(connection: apsw.Connection, user: int) -> int:
    (count,) = row(
        connection,
        "SELECT count(*) FROM members WHERE user = ? AND to_sequence IS NULL AND role = ?",
        (user, OWNER),
    )
    return int(count)


def _invitations(connection: apsw.Connection, key: str) -> int:
    (count,) = row(connection, "SELECT count(*) FROM invites WHERE room = ?", (key,))
    return int(count)


def _facts(connection: apsw.Connection, key: str, actor: User, subject: User) -> Facts | None:
    found = row(
        connection,
        "SELECT name, topic, invite_only,"
        " (SELECT count(*) FROM members WHERE room = :room AND to_sequence IS NULL),"
        " (SELECT count(*) FROM members WHERE room = :room AND to_sequence IS NULL"
        "  AND role = :owner),"
        " coalesce((SELECT role FROM members WHERE room = :room AND user = :actor"
        "  AND to_sequence IS NULL), 0),"
        " EXISTS (SELECT 1 FROM invites WHERE room = :room AND user = :actor),"
        " coalesce((SELECT role FROM members WHERE room = :room AND user = :actor"
        "  AND from_sequence >= created ORDER BY from_sequence DESC LIMIT 1), 0),"
        " coalesce((SELECT role FROM members WHERE room = :room AND user = :subject"
        "  AND to_sequence IS NULL), 0),"
        " EXISTS (SELECT 1 FROM invites WHERE room = :room AND user = :subject),"
        " EXISTS (SELECT 1 FROM blocks WHERE user = :subject AND other = :actor),"
        " EXISTS (SELECT 1 FROM blocks WHERE user = :actor AND other = :subject)"
        " FROM rooms WHERE key = :room",
        {"room": key, "owner": OWNER, "actor": actor.number, "subject": subject.number},
    )
    if found is None:
        return None
    name, topic, private, members, owners, role, invited, last, *subject_facts = found
    subject_role, subject_invited, blocked, blocks = subject_facts
    return Facts(
        name=name,
        topic=topic,
        invite_only=bool(private),
        member_count=members,
        owner_count=owners,
        actor_role=role,
        actor_invited=bool(invited),
        actor_last_role=last,
        subject_role=subject_role,
        subject_invited=bool(subject_invited),
        blocked=bool(blocked),
        blocks=bool(blocks),
    )


def _store_room(connection: apsw.Connection, changed: RoomChanged, sequence: int) -> None:
    key, user = changed.key, changed.subject.number
    if changed.change == CREATED:
        run(
            connection,
            "INSERT INTO rooms (key, name, topic, invite_only, created) VALUES (?,?,?,?,?)",
            (key, changed.name, changed.topic, changed.invite_only, sequence),
        )
    if changed.change in (CREATED, JOINED):
        run(
            connection,
            "INSERT INTO members (room, user, from_sequence, role) VALUES (?,?,?,?)",
            (key, user, sequence, changed.role),
        )
        run(connection, "DELETE FROM invites WHERE (room, user) = (?,?)", (key, user))
        # Earlier messages do not count as unread.
        _read(connection, Read(channel_of(key), sequence), user, None)
    elif changed.change == LEFT:
        run(
            connection,
            "UPDATE members SET to_sequence = ? WHERE (room, user) = (?,?) AND to_sequence IS NULL",
            (sequence, key, user),
        )
        run(connection, "DELETE FROM invites WHERE (room, user) = (?,?)", (key, user))
    elif changed.change == INVITED:
        run(connection, "INSERT INTO invites (room, user) VALUES (?,?)", (key, user))
    elif changed.change == ROLE:
        run(
            connection,
            "UPDATE members SET role = ? WHERE (room, user) = (?,?) AND to_sequence IS NULL",
            (changed.role, key, user),
        )
    elif changed.change == UPDATED:
        run(
            connection,
            "UPDATE rooms SET topic = ?, invite_only = ? WHERE key = ?",
            (changed.topic, changed.invite_only, key),
        )
    elif changed.change == ROOM_DELETED:
        _delete_room(connection, changed, sequence)


def _delete_room(connection: apsw.Connection, changed: RoomChanged, sequence: int) -> None:
    """Delete a room from the tables, and note that its messages are to be erased."""
    key, channel = changed.key, channel_of(changed.key)
    run(
        connection,
        "INSERT INTO superseded SELECT event FROM read_markers WHERE conversation = ?"
        " AND event IS NOT NULL AND user IN (SELECT user FROM members WHERE room = ?)",
        (channel, key),
    )
    run(
        connection,
        "DELETE FROM read_markers WHERE conversation = ?"
        " AND user IN (SELECT user FROM members WHERE room = ?)",
        (channel, key),
    )
    # The members also see the event itself.
    run(
        connection,
        "UPDATE members SET to_sequence = ? WHERE room = ? AND to_sequence IS NULL",
        (sequence + 1, key),
    )
    run(connection, "DELETE FROM invites WHERE room = ?", (key,))
    run(connection, "DELETE FROM mutes WHERE channel = ?", (channel,))
    run(connection, "DELETE FROM rooms WHERE key = ?", (key,))
    run(
        connection,
        "INSERT INTO deleted_rooms (sequence, channel, user) VALUES (?,?,?)",
        (sequence, channel, changed.actor.number),
    )


def forget_deleted_room(connection: apsw.Connection, sequence: int) -> None:
    """Note that all messages of a deleted room are erased; `sequence` is that of its deletion."""
    run(connection, "DELETE FROM deleted_rooms WHERE sequence = ?", (sequence,))
