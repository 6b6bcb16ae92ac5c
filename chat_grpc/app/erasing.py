"""Erases single messages through the log, as a deletion by their author does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from chat_grpc.app.answer import Answer
from chat_grpc.core.changes import Erase
from chat_grpc.core.entry import DELETED
from chat_grpc.core.errors import MessageNotFound
from chat_grpc.core.hub import Hub
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

STEP = 16
"""The maximum number of messages that are erased at the same time."""


async def erase_all(
    hub: Hub, journal: Journal, author: User, messages: Iterable[tuple[int, tuple[str, ...]]]
) -> None:
    """Erase messages at the same time: each a sequence, and the channels of the event `deleted`.

    `author` is the user who deletes them.
    """
    erasing = [_erase(hub, journal, author, *message) for message in messages]
    for outcome in await asyncio.gather(*erasing, return_exceptions=True):
        # A message that was deleted, or that retention dropped meanwhile, is gone, too.
        if isinstance(outcome, BaseException) and not isinstance(outcome, MessageNotFound):
            raise outcome


async def _erase(
    hub: Hub, journal: Journal, author: User, sequence: int, channels: tuple[str, ...]
) -> None:
    await journal.drained(author.number)
    event = chat_pb2.Event()
    event.deleted.target_sequence = sequence
    event.deleted.author.number, event.deleted.author.name = author.number, author.name
    answer = Answer()
    hub.intake.change(
        answer, author, Erase(sequence), DELETED, channels=channels, event=event, target=sequence
    )
    await answer.settled()
