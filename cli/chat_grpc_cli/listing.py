"""The commands for scripts that print a list and end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from chat_grpc.client import ChatCalls, Pages, To
from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.access import Access
from chat_grpc_cli.conversation import LOBBY
from chat_grpc_cli.people import People
from chat_grpc_cli.readable import conversation
from chat_grpc_cli.scripting import print_fragments, print_json


async def history(
    access: Access, to: str | None, *, limit: int, before: int, after: int, as_json: bool
) -> None:
    """Print the newest messages of a conversation, oldest first."""

    async def action(calls: ChatCalls) -> tuple[To, Sequence[chat_pb2.StoredMessage]]:
        whose = await conversation(calls, to)
        pages = calls.history(whose, before=before, after=after, limit=limit)
        return whose, await _all(pages)

    whose, found = await access.as_guest(action)
    here = whose if isinstance(whose, str) and whose.startswith("#") else LOBBY
    _print_messages(found, access.guest, here, as_json=as_json)


async def search(access: Access, words: str, to: str | None, *, limit: int, as_json: bool) -> None:
    """Print the newest messages that contain the words, oldest first."""

    async def action(calls: ChatCalls) -> Sequence[chat_pb2.StoredMessage]:
        return await _all(calls.search(words, await conversation(calls, to), limit=limit))

    found = await access.as_guest(action)
    _print_messages(found, access.guest, "", as_json=as_json)


async def rooms(access: Access, *, as_json: bool) -> None:
    """Print the rooms that are visible to the user."""
    found = await access.as_guest(lambda calls: calls.rooms())
    if as_json:
        print_json(found)
    else:
        print_fragments(tables.room_table(found))


async def conversations(access: Access, *, as_json: bool) -> None:
    """Print the user's conversations, most recent message first."""
    found = await access.as_guest(lambda calls: calls.conversations().all())
    if as_json:
        print_json(found)
    else:
        now = datetime.now().astimezone()
        print_fragments(tables.conversation_table(found, now, People().label))


async def _all(pages: Pages[chat_pb2.StoredMessage]) -> Sequence[chat_pb2.StoredMessage]:
    return (await pages.all())[::-1]


def _print_messages(
    found: Sequence[chat_pb2.StoredMessage], guest: str, here: str, *, as_json: bool
) -> None:
    if as_json:
        print_json(found)
    elif found:
        now = datetime.now().astimezone()
        me = number_of(guest, found)
        print_fragments(tables.stored(found, me, now, here, label=People().label))


def number_of(guest: str, messages: Iterable[chat_pb2.StoredMessage]) -> int:
    """Return the number of a guest who is an author or addressee of a message, or 0.

    If several users had the name in turn, return the number of the last one.
    """
    sides = [side for each in messages for side in (each.message.author, each.message.user)]
    return max((side.number for side in sides if same_name(side.name, guest)), default=0)
