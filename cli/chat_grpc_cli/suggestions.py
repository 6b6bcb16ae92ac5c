"""The rooms and users that a shell offers for an argument, asked of the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from chat_grpc.client import ChatCalls
    from chat_grpc_cli.access import Access

_WITHIN = 2.0
"""Seconds that the server may take: meanwhile the shell waits."""

_PLAIN = re.compile(r"[\w.-]+")
"""The names that no shell takes for something else, whatever the server says."""

Items = list["CompletionItem[Any]"]


def rooms(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """Offer the rooms that are visible to the user, each with its topic."""
    return _ask(context, incomplete, _rooms)


def users(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """Offer the connected users."""
    return _ask(context, incomplete, _users)


def addressees(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """Offer the connected users and, with their `#`, the rooms."""

    async def both(calls: ChatCalls) -> dict[str, str]:
        named = {f"#{name}": topic for name, topic in (await _rooms(calls)).items()}
        return await _users(calls) | named

    return _ask(context, incomplete, both)


async def _rooms(calls: ChatCalls) -> dict[str, str]:
    from chat_grpc_cli.shown import one_line

    return {room.name: one_line(room.topic, 60) for room in await calls.rooms()}


async def _users(calls: ChatCalls) -> dict[str, str]:
    return {client.name: f"no. {client.number}" for client in await calls.clients()}


def _ask(
    context: click.Context,
    incomplete: str,
    ask: Callable[[ChatCalls], Awaitable[dict[str, str]]],
) -> Items:
    """Return the names that begin with a text. Offers nothing if the server does not answer.

    An error has no place to be shown while a line is typed; the command itself will report it.
    """
    from chat_grpc.client import ChatError

    async def answer(access: Access) -> dict[str, str]:
        # A guest who does not exist yet is not created by a keystroke.
        async with asyncio.timeout(_WITHIN), access.calls(access.stored_token()) as calls:
            return await ask(calls)

    try:
        found = asyncio.run(answer(_access(context)))
    except (ChatError, TimeoutError, click.UsageError):
        return []
    return [
        CompletionItem(name, help=note or None)
        for name, note in found.items()
        if _PLAIN.fullmatch(name.removeprefix("#"))
        and name.casefold().startswith(incomplete.casefold())
    ]


def _access(context: click.Context) -> Access:
    """Return the server and the user that the line typed so far names."""
    from chat_grpc_cli.access_options import access_options

    found: list[Access] = []

    def keep(access: Access) -> None:
        found.append(access)

    command: Callable[..., None] = access_options()(keep)
    names = ("server", "tls", "tls_ca", "tls_cert", "tls_key", "name", "wait")
    with context.scope(cleanup=False):
        command(**{name: context.params.get(name) for name in names})
    return found[0]
