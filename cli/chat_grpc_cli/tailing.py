"""What `tail` does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from chat_grpc.client import ChatClient, Position
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events
from chat_grpc_cli.conversation import of_message
from chat_grpc_cli.identity import Tokens, default_name
from chat_grpc_cli.render import local
from chat_grpc_cli.scripting import NotThere, print_fragments, print_json
from chat_grpc_cli.shown import Shown, ShownMessage
from chat_grpc_cli.since import Since, find_position


async def tail(
    server: str,
    name: str | None,
    *,
    since: Since,
    until_now: bool,
    place: Path | None,
    as_json: bool,
) -> None:
    """Prints events as they come, from a place in the log on."""
    guest = name or default_name()
    if place is not None and await asyncio.to_thread(place.exists):
        since = Since()
    position = await _position(server, guest, since)
    async with _client(server, guest, position, place) as chat:
        await _keep_token(chat, server, guest)
        first = await anext(chat)
        _check(first.welcome, position)
        printer = _Printer(chat, since.moment, as_json=as_json)
        printer.print(first)
        async for event in chat:
            if event.HasField("welcome"):
                _tell_gap(event.welcome)
            printer.print(event)
            if until_now and event.HasField("caught_up"):
                break
        if place is not None:
            await chat.save()


async def _position(server: str, guest: str, since: Since) -> Position | None:
    """Gives where to begin; None for from now on. The server has to be asked which log it has."""
    if since.sequence is None and since.moment is None:
        return since.position
    async with _client(server, guest, None, None) as chat:
        await _keep_token(chat, server, guest)
        if since.moment is not None:
            return await find_position(chat, since.moment)
        return Position(chat.position.log_id, since.sequence or 0)


def _client(server: str, guest: str, position: Position | None, place: Path | None) -> ChatClient:
    token = Tokens().get(server, guest)
    return ChatClient.connect(server, name=guest, token=token, position=position, resume_file=place)


async def _keep_token(chat: ChatClient, server: str, guest: str) -> None:
    await asyncio.to_thread(Tokens().put, server, guest, chat.token)


def _check(welcome: chat_pb2.Welcome, asked: Position | None) -> None:
    """Says what is missing. Raises `NotThere` where the server has no such place."""
    if welcome.recovery != chat_pb2.RECOVERY_OTHER_LOG:
        _tell_gap(welcome)
        return
    if asked is not None and asked.log_id == welcome.log_id:
        end = welcome.head_sequence
        raise NotThere(f"the server's log ends at {end}, before {asked.sequence}")
    raise NotThere(
        f"the server has another log than the one to go on in, {welcome.log_id}; "
        "--since 0 begins at its beginning"
    )


def _tell_gap(welcome: chat_pb2.Welcome) -> None:
    if welcome.recovery == chat_pb2.RECOVERY_TRUNCATED:
        click.echo("chat-grpc: a part of what is next is no longer kept", err=True)
    elif welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG:
        click.echo("chat-grpc: the server came back with another log", err=True)


class _Printer:
    """Prints events, but not stored ones before `oldest`."""

    def __init__(self, chat: ChatClient, oldest: datetime | None, *, as_json: bool) -> None:
        self._chat = chat
        self._oldest = oldest
        self._as_json = as_json
        self._shown = Shown()

    def print(self, event: chat_pb2.Event) -> None:
        """Prints an event, if it is to be."""
        if self._too_old(event):
            return
        if self._as_json:
            print_json([event])
            return
        me = self._chat.me.number
        time = local(event.time) if event.HasField("time") else datetime.now().astimezone()
        if fragments := events.line(event, me, time, quote=self._shown.quote):
            print_fragments(fragments)
        if event.HasField("message"):
            told = event.message
            where, who = of_message(told, me), told.author
            own = who.number == me
            self._shown.add(ShownMessage(event.sequence, where, who.name, told.text, own=own))

    def _too_old(self, event: chat_pb2.Event) -> bool:
        if self._oldest is None or not event.sequence:
            return False
        return event.time.ToDatetime(tzinfo=UTC) < self._oldest
