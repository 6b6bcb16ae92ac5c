"""The conversation that a word of the command line names, for commands that only read."""

from __future__ import annotations

from chat_grpc.client import Refused
from chat_grpc.client.arguments import Recipient
from chat_grpc.client.unary import Unary
from chat_grpc.spelling.names import same_name
from chat_grpc_cli.addressees import parse_to
from chat_grpc_cli.failures import NotFound


async def conversation(calls: Unary, word: str | None) -> Recipient:
    """Return the conversation that a word names: a user, or else a room of that name.

    `#` names only a room, `@` only a user. Raises `NotFound` if a plain name is neither. A message
    is never sent by this rule: it would reach a room that somebody named like an absent user.
    """
    to = None if word is None else parse_to(word)
    if word is None or not isinstance(to, str) or word.startswith(("#", "@")):
        return to
    try:
        await calls.history(to, limit=1).all()
    except Refused as error:
        if error.reason != "USER_NOT_FOUND":
            raise
    else:
        return to
    if await is_room(calls, to):
        return f"#{to}"
    raise NotFound(f"There is no user and no room {word}; `chat-grpc rooms` lists the rooms.")


async def is_room(calls: Unary, to: Recipient) -> bool:
    """Return True if a room that is visible to the caller has this name."""
    return isinstance(to, str) and any(same_name(room.name, to) for room in await calls.rooms())
