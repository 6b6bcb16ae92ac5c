"""Lists as tables, and pages of stored messages. Pure: no terminal, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chat_grpc.v1 import admin_pb2, chat_pb2
from chat_grpc_cli.columns import GUTTER, NEWLINE, Fragments, left, right, width
from chat_grpc_cli.conversation import LOBBY, key_of, of_message
from chat_grpc_cli.events import Color, elsewhere, no_color, role_name
from chat_grpc_cli.people import Label, bare
from chat_grpc_cli.render import clock, day_line, local, message, moment, rule, since
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.shown import Shown, one_line

Numbers = Literal["before", "after", "none"]
"""Where the sequence of a message stands. After the text it leaves the columns as they are."""


def client_table(clients: Sequence[chat_pb2.Client], me: int, now: datetime) -> Fragments:
    """Show clients: number, name, connection time."""
    rows = [
        (
            str(client.number),
            safe(client.name) + (" (you)" if client.number == me else ""),
            since(local(client.connect_time), now),
        )
        for client in clients
    ]
    return _table(("no.", "name", "here since"), rows, right_aligned=(0,))


def room_table(rooms: Sequence[chat_pb2.Room]) -> Fragments:
    """Show rooms: name, number of members, the user's role, topic."""
    rows = [
        (
            f"#{safe(room.name)}" + (" (private)" if room.invite_only else ""),
            str(room.member_count),
            role_name(room.my_role) if room.my_role else "-",
            one_line(room.topic, 60),
        )
        for room in rooms
    ]
    return _table(("room", "members", "you are", "topic"), rows, right_aligned=(1,))


def member_table(members: Sequence[chat_pb2.RoomMember], me: int) -> Fragments:
    """Show the members of a room: number, name, role, whether they are connected."""
    rows = [
        (
            str(member.user.number),
            safe(member.user.name) + (" (you)" if member.user.number == me else ""),
            role_name(member.role),
            "here" if member.connected else "",
        )
        for member in members
    ]
    return _table(("no.", "name", "role", ""), rows, right_aligned=(0,))


def mute_table(mutes: Sequence[admin_pb2.Mute], now: datetime) -> Fragments:
    """Show mutes: number and name of the user, room, author, end, reason."""
    rows = [
        (
            str(mute.user.number),
            safe(mute.user.name),
            f"#{safe(mute.room)}" if mute.room else "everywhere",
            safe(mute.author) or "-",
            moment(local(mute.expire_time), now),
            safe(mute.reason),
        )
        for mute in mutes
    ]
    head = ("no.", "name", "where", "by", "until", "reason")
    return _table(head, rows, right_aligned=(0,))


def conversation_table(
    conversations: Sequence[chat_pb2.Conversation], now: datetime, label: Label = bare
) -> Fragments:
    """Show the user's conversations: name, unread messages, newest message."""
    for each in conversations:
        # All names first, as above.
        label(each.user.number, each.user.name)
    rows = []
    for each in conversations:
        last = each.last_message
        said = ""
        if last.sequence:
            time = local(last.time)
            day = clock(time) if time.date() == now.date() else f"{time:%Y-%m-%d}"
            text = "(deleted)" if last.deleted else one_line(last.message.text, 40)
            author = last.message.author
            said = f"{day} {safe(label(author.number, author.name))}: {text}"
        count = "1000+" if each.unread_count >= 1000 else str(each.unread_count or "")
        user = each.user
        name = f"@{label(user.number, user.name)}" if user.number else key_of(each)
        rows.append((safe(name), count, said))
    return _table(("conversation", "unread", "last message"), rows, right_aligned=(1,))


def stored(
    messages: Sequence[chat_pb2.StoredMessage],
    me: int,
    now: datetime,
    here: str = LOBBY,
    *,
    numbers: Numbers = "before",
    read: int | None = None,
    label: Label = bare,
    color: Color = no_color,
    shown: Shown | None = None,
) -> Fragments:
    """Show stored messages in the given order, and a line before each day except today.

    `numbers` says where the sequence of each message stands. With `read` the line "new" stands
    before the first message of somebody else after this sequence. `shown` has more messages that
    may be quoted. `color` returns the style of a name.
    """
    known = shown if shown is not None else Shown()
    out: Fragments = []
    for each in messages:
        # All names first: a name that several users have is shown with the number.
        for user in (each.message.author, each.message.user):
            label(user.number, user.name)
    day = now.date()
    quotes = {m.sequence: f"“{one_line(m.message.text, 40)}”" for m in messages if not m.deleted}
    for each in messages:
        time = local(each.time)
        if time.date() != day:
            day = time.date()
            out += [*day_line(time), NEWLINE]
        if read is not None and each.sequence > read and each.message.author.number != me:
            read = None
            out += [*rule("new"), NEWLINE]
        answers = each.message.reply_to
        quote = (quotes.get(answers) or known.quote(answers)) if answers else ""
        out += [*_stored(each, me, time, here, quote, label, color, numbers), NEWLINE]
    return out[:-1]


def _stored(
    each: chat_pb2.StoredMessage,
    me: int,
    time: datetime,
    here: str,
    quote: str,
    label: Label,
    color: Color,
    numbers: Numbers,
) -> Fragments:
    told = each.message
    own = told.author.number == me
    notes = [f"no. {each.sequence}"] if numbers == "after" else []
    notes += ["edited"] if each.HasField("edit_time") and not each.deleted else []
    notes += [f"{one_line(r.emoji, 32)} {r.user_count}" for r in each.reactions]
    return message(
        "(deleted)" if each.deleted else told.text,
        label(told.author.number, told.author.name),
        time,
        color=color(told.author.number, told.author.name),
        own=own,
        to=label(told.user.number, told.user.name) if told.HasField("user") and own else "",
        direct=told.HasField("user"),
        mentioned=me in told.mentioned_numbers,
        where=elsewhere(of_message(told, me), here),
        answers=quote,
        sequence=each.sequence if numbers == "before" else 0,
        notes=notes,
    )


def _table(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]], right_aligned: tuple[int, ...]
) -> Fragments:
    """Align cells, safe to show, in columns; the last cell of a row may break."""
    widths = [max(width(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
    out: Fragments = []
    for number, row in enumerate([head, *rows]):
        cells = [
            right(cell, cells) if column in right_aligned else left(cell, cells)
            for column, (cell, cells) in enumerate(zip(row[:-1], widths, strict=True))
        ]
        style = "class:heading" if number == 0 else ""
        text = "".join(f"  {cell}" for cell in cells)
        if row[-1]:
            out += [(style, text), (GUTTER, "  "), (style, row[-1]), NEWLINE]
        else:
            out += [(style, text.rstrip()), NEWLINE]
    return out[:-1]
