"""Erases the messages of deleted rooms in the background, in small steps."""

from __future__ import annotations

from chat_grpc.app.background import Background
from chat_grpc.app.erasing import STEP, erase_all
from chat_grpc.core.hub import Hub
from chat_grpc.core.room_rules import NO_CHANNEL
from chat_grpc.core.rooms import DeletedRoom
from chat_grpc.journal import Journal


class RoomEraser(Background):
    """Erases the messages of deleted rooms through the log.

    Each message is deleted by an event of its own, which no stream sees: so the text leaves the
    log, the memory of streams that catch up, and the word index as that of any deleted message
    does. The store keeps the rooms that are left, so that a restarted server continues.
    Nobody can read these messages meanwhile, except a member of the deleted room who resumes.

    Belongs to the event loop.
    """

    def __init__(self, hub: Hub, journal: Journal) -> None:
        super().__init__("room eraser", hub.clock.monotonic)
        self._hub = hub
        self._journal = journal

    async def work(self) -> None:
        """See `Background.work`."""
        for room in await self._journal.deleted_rooms():
            await self._erase_room(room)

    async def _erase_room(self, room: DeletedRoom) -> None:
        after = 0
        begin = self._hub.clock.monotonic()
        while found := await self._journal.messages_of(room, after, STEP):
            left = [(sequence, (NO_CHANNEL,)) for sequence, erased in found if not erased]
            await erase_all(self._hub, self._journal, room.user, left)
            after = found[-1][0]
            begin = await self.rest(begin)
        await self._journal.forget_deleted_room(room)
