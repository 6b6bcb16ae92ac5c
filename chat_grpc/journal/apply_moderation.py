"""Kicks, bans and mutes in the tables, in the commit.

The same log gives the same tables: everything here depends only on the tables and the entry.
"""

from __future__ import annotations

import apsw

from chat_grpc.core import limits
from chat_grpc.core.account_changes import BANNED, KICKED, MUTED, UNBANNED, AccountChanged
from chat_grpc.core.clock import SECOND
from chat_grpc.core.errors import BanNotFound, MemberNotFound, NotAllowed, TooManyBans
from chat_grpc.core.moderation import (
    EVERYWHERE,
    AddBan,
    Ban,
    EndBan,
    Kick,
    Kicking,
    Mute,
    SetMute,
    Unbanned,
    end_after,
)
from chat_grpc.core.room_rules import (
    MODERATOR,
    OWNER,
    not_a_member,
    role_needed,
    room_not_found,
)
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal.database import row, run
from chat_grpc.journal.place import BAN, Place

_ACTIVE = "(expire_time = 0 OR expire_time > ?)"


def kick(request: Kick, place: Place) -> AccountChanged:
    """End the streams of a user."""
    place.check_author()
    user = place.user(request.user)
    values = {"user": user.number, "reason": request.reason}
    effect = Kicking(user.number, request.reason)
    return AccountChanged(KICKED, values=values, moderated=effect, subject=_label(user))


def add_ban(request: AddBan, place: Place) -> AccountChanged:
    """Ban a user or a network."""
    place.check_author()
    subject = _label(place.user(request.user)) if request.user else request.network
    column, value = ("user", request.user) if request.user else ("network", request.network)
    others = f"SELECT count(*) FROM bans WHERE {_ACTIVE} AND {column} IS NOT ?"
    if row(place.connection, others, (place.seconds, value))[0] >= limits.MAX_BANS:
        raise TooManyBans(f"There are {limits.MAX_BANS} bans, the maximum; remove some of them.")
    _forget_ended_bans(place)
    run(place.connection, f"DELETE FROM bans WHERE {column} = ?", (value,))
    end = end_after(place.command.time, request.nanoseconds) if request.nanoseconds else 0
    ban = Ban(place.sequence, request.user, request.network, end, request.reason)
    run(
        place.connection,
        "INSERT INTO bans (sequence, user, network, author, create_time, expire_time, reason)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            place.sequence,
            request.user or None,
            request.network or None,
            place.command.author,
            place.seconds,
            end,
            request.reason,
        ),
    )
    values = {
        "user": ban.user,
        "network": ban.network,
        "expires": end,
        "reason": ban.reason,
    }
    return AccountChanged(BANNED, values=values, moderated=ban, subject=subject)


def end_ban(request: EndBan, place: Place) -> AccountChanged:
    """End a ban."""
    place.check_author()
    mine = (request.ban, place.seconds)
    found = row(place.connection, f"{BAN} WHERE sequence = ? AND {_ACTIVE}", mine)
    if found is None:
        raise BanNotFound(f"There is no ban {request.ban}.", metadata={"ban_id": str(request.ban)})
    ban = Ban(*found)
    _forget_ended_bans(place)
    run(place.connection, "DELETE FROM bans WHERE sequence = ?", (ban.ban_id,))
    subject = _subject(ban, place)
    return AccountChanged(
        UNBANNED,
        values={"ban": ban.ban_id},
        moderated=Unbanned(ban.ban_id),
        subject=subject,
    )


def set_mute(request: SetMute, place: Place) -> AccountChanged | None:
    """Mute a user, or remove a mute; return None if there is none to remove."""
    author = place.command.author
    place.check_ban(author)
    by_admin = not author or place.is_admin(author)
    user = place.user(request.user)
    if not by_admin:
        _check_moderator(request, user, place)
    mine = (user.number, request.channel)
    earlier = row(
        place.connection,
        "SELECT by_admin FROM mutes WHERE (user, channel) = (?,?) AND expire_time > ?",
        (*mine, place.seconds),
    )
    if earlier is not None and earlier[0] and not by_admin:
        raise NotAllowed("An admin muted this user here; only an admin may change it.")
    if earlier is None and not request.nanoseconds:
        return None
    if request.nanoseconds:
        _check_count(request, place)
    # Only those of the channel, whose number is bounded.
    ended = "DELETE FROM mutes WHERE channel = ? AND expire_time <= ?"
    run(place.connection, ended, (request.channel, place.seconds))
    run(place.connection, "DELETE FROM mutes WHERE (user, channel) = (?,?)", mine)
    end = end_after(place.command.time, request.nanoseconds) if request.nanoseconds else 0
    if end:
        run(
            place.connection,
            "INSERT INTO mutes (user, channel, event, by_admin, expire_time, reason)"
            " VALUES (?,?,?,?,?,?)",
            (*mine, place.sequence, by_admin, end, request.reason),
        )
    values = {
        "user": user.number,
        "channel": request.channel,
        "by_admin": by_admin,
        "expires": end,
        "reason": request.reason,
    }
    effect = Mute(user.number, request.channel, end, request.reason)
    return AccountChanged(MUTED, values=values, moderated=effect, subject=_label(user))


def check_mute(connection: apsw.Connection, user: int, channel: str, time: int) -> None:
    """Raise `Muted` if a user may not write to a channel at a time, in nanoseconds since 1970."""
    found = row(
        connection,
        "SELECT user, channel, expire_time, reason FROM mutes"
        " WHERE user = ? AND channel IN (?,?) AND expire_time * ? > ? ORDER BY channel",
        (user, EVERYWHERE, channel, SECOND, time),
    )
    if found is not None:
        raise Mute(*found).error(time / SECOND)


def _check_moderator(request: SetMute, user: User, place: Place) -> None:
    """Raise what forbids the author, who is no admin, to mute a user or to remove the mute."""
    if request.channel in (EVERYWHERE, LOBBY_CHANNEL):
        raise NotAllowed("This needs the admin role; moderators mute in their own rooms.")
    key = request.channel[1:]
    room = row(place.connection, "SELECT name, invite_only FROM rooms WHERE key = ?", (key,))
    role = _role(key, place.command.author, place)
    if room is None or (room[1] and not role):
        raise room_not_found(key)
    if not role:
        raise not_a_member(room[0])
    if role < MODERATOR:
        raise role_needed(MODERATOR)
    other = _role(key, user.number, place)
    if not request.nanoseconds:
        return
    if not other:
        raise MemberNotFound(
            f"{user.name} is not a member of {room[0]}.", metadata={"user": user.name}
        )
    if other == OWNER or (role < OWNER and other >= MODERATOR):
        raise NotAllowed("Moderators mute readers and members; owners also mute moderators.")


def _role(key: str, user: int, place: Place) -> int:
    found = row(
        place.connection,
        "SELECT role FROM members WHERE (room, user) = (?,?) AND to_sequence IS NULL",
        (key, user),
    )
    return int(found[0]) if found is not None else 0


def _check_count(request: SetMute, place: Place) -> None:
    """Raise `TooManyBans` if a room, or the server, may have no further mute."""
    most = limits.MAX_BANS if request.channel == EVERYWHERE else limits.MAX_MUTES_PER_ROOM
    others = "SELECT count(*) FROM mutes WHERE channel = ? AND expire_time > ? AND user <> ?"
    values = (request.channel, place.seconds, request.user)
    if row(place.connection, others, values)[0] >= most:
        raise TooManyBans(f"{most} users are muted there, the maximum; remove some mutes.")


def _subject(ban: Ban, place: Place) -> str:
    """Return the user or the network of a ban; guests who are long gone have no name."""
    found = row(place.connection, "SELECT name FROM users WHERE number = ?", (ban.user,))
    name = found[0] if found is not None else "user"
    return f"{name} ({ban.user})" if ban.user else ban.network


def _forget_ended_bans(place: Place) -> None:
    ended = "DELETE FROM bans WHERE expire_time BETWEEN 1 AND ?"
    run(place.connection, ended, (place.seconds,))


def _label(user: User) -> str:
    """Return a user for the audit log: names pass from guest to guest, numbers do not."""
    return f"{user.name} ({user.number})"
