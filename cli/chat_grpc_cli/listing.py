"""The commands for scripts that print what there is, and end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from chat_grpc.client import Pages
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.commands import parse_to
from chat_grpc_cli.conversation import LOBBY
from chat_grpc_cli.identity import default_name
from chat_grpc_cli.scripting import as_guest, print_fragments, print_json


async def history(
    server: str,
    name: str | None,
    to: str | None,
    *,
    limit: int,
    before: int,
    after: int,
    as_json: bool,
) -> None:
    """Prints the newest messages of a conversation, the oldest of them first."""
    whose = None if to is None else parse_to(to)
    guest = name or default_name()
    found = await as_guest(
        server,
        guest,
        lambda calls: _all(calls.history(whose, before=before, after=after, limit=limit)),
    )
    here = to if to is not None and to.startswith("#") else LOBBY
    _print_messages(found, guest, here, as_json=as_json)


async def search(
    server: str, name: str | None, words: str, to: str | None, *, limit: int, as_json: bool
) -> None:
    """Prints the newest messages that have the words, the oldest of them first."""
    whose = None if to is None else parse_to(to)
    guest = name or default_name()
    found = await as_guest(
        server, guest, lambda calls: _all(calls.search(words, whose, limit=limit))
    )
    _print_messages(found, guest, "", as_json=as_json)


async def rooms(server: str, name: str | None, *, as_json: bool) -> None:
    """Prints the rooms that the user may see."""
    found = await as_guest(server, name or default_name(), lambda calls: calls.rooms())
    if as_json:
        print_json(found)
    else:
        print_fragments(tables.room_table(found))


async def conversations(server: str, name: str | None, *, as_json: bool) -> None:
    """Prints the user's conversations, the one last written to first."""
    guest = name or default_name()
    found = await as_guest(server, guest, lambda calls: calls.conversations().all())
    if as_json:
        print_json(found)
    else:
        print_fragments(tables.conversation_table(found, datetime.now().astimezone()))


async def join(server: str, name: str | None, room: str) -> None:
    """Makes the user a member of a room."""
    await as_guest(server, name or default_name(), lambda calls: calls.join(room))


async def leave(server: str, name: str | None, room: str) -> None:
    """Ends the user's membership of a room."""
    await as_guest(server, name or default_name(), lambda calls: calls.leave(room))


async def _all(pages: Pages[chat_pb2.StoredMessage]) -> Sequence[chat_pb2.StoredMessage]:
    return (await pages.all())[::-1]


def _print_messages(
    found: Sequence[chat_pb2.StoredMessage], guest: str, here: str, *, as_json: bool
) -> None:
    if as_json:
        print_json(found)
    elif found:
        now = datetime.now().astimezone()
        print_fragments(tables.stored(found, number_of(guest, found), now, here))


def number_of(guest: str, messages: Iterable[chat_pb2.StoredMessage]) -> int:
    """Gives the number of a guest who wrote, or was written to, in some messages; else 0.

    Where several had the name the last one is meant: it is free before another takes it.
    """
    key = guest.casefold()
    sides = [side for each in messages for side in (each.message.author, each.message.user)]
    return max((side.number for side in sides if side.name.casefold() == key), default=0)
