"""Erases the messages of deleted rooms in the background, in small steps."""

from __future__ import annotations

import asyncio
import logging

from chat_grpc.app.answer import Answer
from chat_grpc.core.changes import Erase
from chat_grpc.core.entry import DELETED
from chat_grpc.core.errors import ChatError, Draining, MessageNotFound, StorageFailed
from chat_grpc.core.hub import Hub
from chat_grpc.core.room_rules import NO_CHANNEL
from chat_grpc.core.rooms import DeletedRoom
from chat_grpc.core.supervision import Supervisor
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

_LOG = logging.getLogger("chat_grpc.app")

_STEP = 16
"""The maximum number of messages that are erased at the same time."""

_MAX_REST = 0.1
"""The maximum pause after a step, in seconds."""

_PAUSE = 1.0
"""Seconds before the next attempt after an error, such as a full disk."""


class RoomEraser:
    """Erases the messages of deleted rooms through the log.

    Each message is deleted by an event of its own, which no stream sees: so the text leaves the
    log, the memory of streams that catch up, and the word index as that of any deleted message
    does. The store keeps the rooms that are left, so that a restarted server continues.
    Nobody can read these messages meanwhile, except a member of the deleted room who resumes.

    Belongs to the event loop.
    """

    def __init__(self, hub: Hub, journal: Journal) -> None:
        self._hub = hub
        self._journal = journal
        self.active = True
        """True while messages may be left to erase."""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, supervisor: Supervisor) -> None:
        """Start to erase the rooms that are left, and then each room that is deleted."""
        self._task = supervisor.start(self._run(), name="room eraser")

    async def stop(self) -> None:
        """Stop; the next start continues."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Note that a room was deleted."""
        self.active = True
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                for room in await self._journal.deleted_rooms():
                    await self._erase_room(room)
            except (StorageFailed, Draining):
                return  # the server ends
            except ChatError as error:
                _LOG.warning("erasing a deleted room waits: %s", error)
                await asyncio.sleep(_PAUSE)
                continue
            self.active = self._woken.is_set()
            await self._woken.wait()

    async def _erase_room(self, room: DeletedRoom) -> None:
        after = 0
        begin = self._hub.clock.monotonic()
        while found := await self._journal.messages_of(room, after, _STEP):
            answers = [self._erase(room, sequence) for sequence, erased in found if not erased]
            for outcome in await asyncio.gather(*answers, return_exceptions=True):
                # A message that retention dropped meanwhile is gone, too.
                if isinstance(outcome, BaseException) and not isinstance(outcome, MessageNotFound):
                    raise outcome
            after = found[-1][0]
            # Leave at least two thirds of the time to others.
            await asyncio.sleep(min(2 * (self._hub.clock.monotonic() - begin), _MAX_REST))
            begin = self._hub.clock.monotonic()
        await self._journal.forget_deleted_room(room)

    async def _erase(self, room: DeletedRoom, sequence: int) -> None:
        await self._journal.drained(room.user.number)
        event = chat_pb2.Event()
        event.deleted.target_sequence = sequence
        author = event.deleted.author
        author.number, author.name = room.user.number, room.user.name
        answer = Answer()
        self._hub.intake.change(
            answer,
            room.user,
            Erase(sequence),
            DELETED,
            channels=(NO_CHANNEL,),
            event=event,
            target=sequence,
        )
        await answer.settled()
