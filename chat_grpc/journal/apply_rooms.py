"""The changes of rooms to the tables; see `apply`."""

from __future__ import annotations

import apsw

from chat_grpc.core.changes import CreateRoom, Invite, Read, RoomRequest, SetRole, UpdateRoom
from chat_grpc.core.entry import Entry
from chat_grpc.core.room_rules import (
    CREATED,
    DELETED,
    INVITED,
    JOINED,
    LEFT,
    OWNER,
    ROLE,
    UPDATED,
    Facts,
    RoomChanged,
    channel_of,
    check_invitations,
    check_owned_rooms,
    decide,
)
from chat_grpc.core.user import User
from chat_grpc.journal.apply_markers import move_marker
from chat_grpc.journal.apply_moderation import check_mute
from chat_grpc.journal.database import row, run


def apply_room(
    connection: apsw.Connection, request: RoomRequest, entry: Entry, actor: User
) -> bool:
    """Carry out a change of a room; return whether it changed anything. Raises `ChatError`."""
    subject = request.subject if isinstance(request, Invite | SetRole) else actor
    changed = decide(request, actor, facts_of(connection, request.key, actor, subject))
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


def facts_of(connection: apsw.Connection, key: str, actor: User, subject: User) -> Facts | None:
    """Return the facts on which a decision about a room depends; None if there is no room."""
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
        move_marker(connection, Read(channel_of(key), sequence), user, None)
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
    elif changed.change == DELETED:
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
