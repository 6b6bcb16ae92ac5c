"""Erases deleted accounts in the background: rooms, messages, and the name in the log."""

from __future__ import annotations

from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.answer import Answer
from chat_grpc.app.background import Background
from chat_grpc.app.erasing import STEP, erase_all
from chat_grpc.app.room_eraser import RoomEraser
from chat_grpc.core.account_changes import Forget
from chat_grpc.core.changes import DeleteRoom, LeaveRoom, RoomRequest, SetRole
from chat_grpc.core.entry import MESSAGE, ROOM
from chat_grpc.core.errors import LastOwner, MemberNotFound, NotAMember, RoomNotFound
from chat_grpc.core.hub import Hub
from chat_grpc.core.room_rules import NO_CHANNEL, OWNER
from chat_grpc.core.rooms import Room
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.journal.account_reads import About, DeletedUser

_GONE = (RoomNotFound, NotAMember, MemberNotFound, LastOwner)
"""The refusals of a room that somebody changed at the same time: look at the room again."""


class AccountEraser(Background):
    """Erases what is left of deleted accounts, through the log.

    The user leaves all rooms. Each message is deleted by an event of its own, as by the author, if
    that was asked for. A placeholder replaces the name in each entry of the log. The store keeps
    how far this came, so that a restarted server continues.

    Belongs to the event loop.
    """

    def __init__(
        self, hub: Hub, journal: Journal, changes: AccountChanges, rooms: RoomEraser
    ) -> None:
        """`rooms` erases the rooms of which the user was the only member."""
        super().__init__("account eraser", hub.clock.monotonic)
        self._hub = hub
        self._journal = journal
        self._changes = changes
        self._rooms = rooms

    async def work(self) -> None:
        """See `Background.work`."""
        for account in await self._journal.accounts.deleted_users():
            await self._erase(account)

    async def _erase(self, account: DeletedUser) -> None:
        number = account.user.number
        # The entry comes behind everything that the user asked for before the streams ended.
        behind = await self._forget(Forget(number, up_to=account.done))
        await self._leave_rooms(account.user)
        await self._sweep(account, account.done, behind)
        # A message to the user may have been on its way, too.
        await self._sweep(account, behind, self._hub.head)
        await self._forget(Forget(number, up_to=self._hub.head, last=True))

    async def _forget(self, request: Forget) -> int:
        settled = await self._changes.carry_out(request.user, request)
        return settled.outcome.sequence

    async def _sweep(self, account: DeletedUser, after: int, end: int) -> None:
        """Erase the entries after a sequence and up to another."""
        begin = self._hub.clock.monotonic()
        number = account.user.number
        while after < end:
            found, after = await self._journal.accounts.about(account.user, after, end, STEP)
            if account.messages:
                await self._erase_messages(account.user, found)
            if found:
                sequences = tuple(each.sequence for each in found)
                await self._forget(Forget(number, sequences, up_to=after))
            begin = await self.rest(begin)

    async def _erase_messages(self, user: User, found: list[About]) -> None:
        mine = [each for each in found if each.kind == MESSAGE and each.author == user.number]
        left = [(each.sequence, self._seen_in(each)) for each in mine]
        await erase_all(self._hub, self._journal, user, left)

    def _seen_in(self, message: About) -> tuple[str, ...]:
        """Return the channels of the event `deleted`: none for a message of a deleted room."""
        channel = message.channels[0]
        if channel[0] == "#" and channel != LOBBY_CHANNEL:
            created = self._hub.rooms.created(channel[1:])
            if not created or message.sequence < created:
                return (NO_CHANNEL,)
        return message.channels

    # ------------------------------------------------------------- rooms

    async def _leave_rooms(self, user: User) -> None:
        while rooms := self._hub.rooms.of(user.number):
            for room in rooms:
                await self._leave(user, room)

    async def _leave(self, user: User, room: Room) -> None:
        """Leave a room. The last owner gives it to another member, or deletes an empty one."""
        owners = [m for m in room.members.values() if m.role == OWNER]
        heir = _heir(user, room)
        steps: list[RoomRequest] = [LeaveRoom(room.key)]
        if [m.user.number for m in owners] == [user.number]:
            steps = [DeleteRoom(room.key)]
            if heir is not None:
                steps = [SetRole(room.key, heir, OWNER), LeaveRoom(room.key)]
        try:
            for step in steps:
                await self._journal.drained(user.number)
                answer = Answer()
                self._hub.intake.change(answer, user, step, ROOM)
                await answer.settled()
        except _GONE:
            return
        if isinstance(steps[0], DeleteRoom):
            self._rooms.wake()


def _heir(user: User, room: Room) -> User | None:
    """Return the other member with the highest role, of several the one who joined first."""
    others = [member for member in room.members.values() if member.user.number != user.number]
    best = max(others, key=lambda member: (member.role, -member.since), default=None)
    return best.user if best is not None else None
