"""The commands `reply`, `edit`, `delete` and `react`: one change of a message that exists."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence

import click

from chat_grpc.client import ChatCalls, ChatClient
from chat_grpc.client.arguments import Recipient
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.access import Access
from chat_grpc_cli.addressees import parse_to
from chat_grpc_cli.conversation import key_of, target
from chat_grpc_cli.emojis import find_emoji
from chat_grpc_cli.failures import NotFound
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.sending import joined, send_one


async def reply(
    access: Access,
    *,
    message: int,
    words: Sequence[str],
    to: str | None,
    request_id: str | None,
    as_json: bool,
) -> None:
    """Send a message that answers another one, in the same conversation unless `to` names one."""
    text = joined(words)
    where = (
        await access.as_guest(lambda calls: _conversation(calls, message))
        if to is None
        else parse_to(to)
    )
    sent = await send_one(access, text, where, reply_to=message, request_id=request_id)
    if as_json:
        print_json([sent])


async def edit(
    access: Access, *, message: int, words: Sequence[str], request_id: str | None, as_json: bool
) -> None:
    """Replace the text of a message."""
    text = joined(words)
    await _change(
        access,
        lambda chat, id_: chat.edit(message, text, request_id=id_),
        request_id,
        as_json=as_json,
    )


async def delete(access: Access, *, message: int, request_id: str | None, as_json: bool) -> None:
    """Delete a message."""
    await _change(
        access, lambda chat, id_: chat.delete(message, request_id=id_), request_id, as_json=as_json
    )


async def react(
    access: Access,
    *,
    message: int,
    emoji: str,
    remove: bool,
    request_id: str | None,
    as_json: bool,
) -> None:
    """Add a reaction to a message, or remove it. An ASCII word is the name of an emoji."""
    found = find_emoji(emoji)
    if found.isascii():
        raise click.UsageError(f"No emoji is called {emoji!r}. Use an emoji, or a name: thumbs_up.")
    await _change(
        access,
        lambda chat, id_: chat.react(message, found, remove=remove, request_id=id_),
        request_id,
        as_json=as_json,
    )


async def _change(
    access: Access,
    change: Callable[[ChatClient, str], Awaitable[chat_pb2.Sent]],
    request_id: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a change on a stream, which the contract demands for it."""
    async with access.client(await access.token()) as chat:
        sent = await change(chat, request_id or uuid.uuid4().hex)
    if as_json:
        print_json([sent])


async def _conversation(calls: ChatCalls, sequence: int) -> Recipient:
    """Return the target of the conversation of a message. Raises `NotFound`.

    No method returns a message by its sequence alone. A stream would not have the messages of a
    room from before the user joined it, so each conversation is asked.
    """
    async for each in calls.conversations():
        if each.last_message.sequence < sequence:
            continue
        where = target(key_of(each))
        pages = calls.history(where, before=sequence + 1, after=sequence - 1, limit=1)
        if await pages.all():
            return where
    raise NotFound(f"There is no message {sequence} in your rooms and direct conversations.")
