"""The steps of one client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from torture.device import Device
from torture.page_device import PageDevice
from torture.people import Made, Person
from torture.proxy import Proxy
from torture.records import DELETED, EDITED, MESSAGE, REACTION, READ_MARKER, ROOM_DELETED
from torture.sdk_device import SdkDevice
from torture.steps import LARGE, Step
from torture.wire import LOBBY

from chat_grpc.v1 import chat_pb2

_T = TypeVar("_T")

EMOJIS = ("👍", "🎉", "🚀")
SLOW = 40_000.0
"""Bytes a second that a slow connection passes on."""


class Actor:
    """Takes the steps of one client. Belongs to the event loop."""

    def __init__(
        self,
        client: Device | SdkDevice | PageDevice,
        proxy: Proxy,
        people: Sequence[Person],
        rooms: Sequence[str],
    ) -> None:
        self._client = client
        self._person = client.person
        self._proxy = proxy
        self._people = people
        self._rooms = rooms
        self._faults: set[asyncio.Task[None]] = set()

    async def run(self, steps: Iterator[Step]) -> None:
        """Take steps until canceled; then end all faults."""
        try:
            for step in steps:
                await getattr(self, f"_{step.what}")(step)
                await asyncio.sleep(step.pause)
        finally:
            for task in self._faults:
                task.cancel()
            self._proxy.heal()

    # ------------------------------------------------------------- targets

    def _place(self, step: Step) -> str:
        """Return the lobby in every second step, otherwise a room."""
        if step.where % 2:
            return LOBBY
        return f"#{self._room(step)}"

    def _room(self, step: Step) -> str:
        return self._rooms[step.where // 2 % len(self._rooms)]

    def _other(self, step: Step) -> Person:
        return self._people[step.where % len(self._people)]

    def _made(self, what: str, step: Step, **fields: Any) -> Made:
        """Return a request with a unique text."""
        request_id = self._person.request_id()
        if what in (MESSAGE, EDITED):
            fields.setdefault("text", f"{request_id} ".ljust(step.size, "."))
        return Made(request_id, what, **fields)

    def _message(self, step: Step) -> tuple[int, Made] | None:
        """Return an acknowledged message, mostly one of this user."""
        who = self._person if step.pick < 0.8 else self._other(step)
        return _pick(who.stored, step.pick)

    # ------------------------------------------------------------- messages

    async def _send(self, step: Step) -> None:
        answered = self._message(step) if step.pick < 0.1 else None
        place, reply_to = self._place(step), 0
        # All readers of an answer must be able to read the message.
        if answered is not None and answered[1].place in (LOBBY, place):
            reply_to = answered[0]
        self._client.ask(self._made(MESSAGE, step, place=place, target=reply_to))

    async def _direct(self, step: Step) -> None:
        self._client.ask(self._made(MESSAGE, step, place=f"@{self._other(step).number}"))

    async def _burst(self, step: Step) -> None:
        """Send many messages, mostly large ones: a stream that does not read falls behind."""
        size = LARGE if step.pick < 0.7 else 200
        place = LOBBY if step.pick < 0.9 else self._place(step)
        for _ in range(step.times):
            self._client.ask(self._made(MESSAGE, step._replace(size=size), place=place))

    async def _call(self, step: Step) -> None:
        await self._person.send(self._made(MESSAGE, step, place=self._place(step)))

    async def _edit(self, step: Step) -> None:
        if found := self._message(step):
            self._client.ask(self._made(EDITED, step, target=found[0]))

    async def _delete(self, step: Step) -> None:
        if found := self._message(step):
            self._client.ask(self._made(DELETED, step, target=found[0]))

    async def _react(self, step: Step) -> None:
        if found := self._message(step):
            text = "-" * (step.pick > 0.7) + EMOJIS[step.where % len(EMOJIS)]
            self._client.ask(self._made(REACTION, step, target=found[0], text=text))

    async def _mark(self, step: Step) -> None:
        place = self._place(step) if step.pick < 0.7 else f"@{self._other(step).number}"
        if self._person.newest:
            self._client.ask(Made("", READ_MARKER, place, target=self._person.newest))

    async def _typing(self, step: Step) -> None:
        self._client.ask(Made("", "typing", self._place(step)))

    # ------------------------------------------------------------- request ids

    async def _again(self, step: Step) -> None:
        """Repeat a request that was carried out, on this client's present stream."""
        if made := _pick(self._person.settled, step.pick):
            self._client.ask(made)

    async def _twin(self, step: Step) -> None:
        """Make one request on two streams, or on a stream and by a call, at once."""
        made = self._made(MESSAGE, step, place=self._place(step))
        self._client.ask(made)
        others = [client for client in self._person.clients if client is not self._client]
        if step.pick < 0.3 or not others:
            await self._person.send(made)
        else:
            others[step.where % len(others)].ask(made)

    async def _reuse(self, step: Step) -> None:
        """Make another request with a used request id."""
        made = _pick(self._person.settled, step.pick)
        if made is not None and made.what == MESSAGE:
            self._client.ask(Made(made.request_id, MESSAGE, made.place, f"{made.request_id} other"))

    async def _refused(self, step: Step) -> None:
        """Make a request that is always refused."""
        request_id = self._person.request_id()
        wrong = [
            Made(request_id, MESSAGE, LOBBY, ""),
            Made(request_id, MESSAGE, "#nowhere", request_id),
            Made(request_id, MESSAGE, LOBBY, f"{request_id} ".ljust(17_000, ".")),
            Made(request_id, MESSAGE, LOBBY, request_id, target=10**9),
            Made(request_id, MESSAGE, "@999999", request_id),
            Made(request_id, EDITED, text=request_id, target=10**9),
            Made(request_id, DELETED, target=10**9),
        ]
        self._client.ask(wrong[int(step.pick * len(wrong))])

    # ------------------------------------------------------------- calls

    async def _list(self, step: Step) -> None:
        place = self._place(step) if step.pick < 0.7 else f"@{self._other(step).number}"
        await self._person.list(place)

    async def _join(self, step: Step) -> None:
        await self._change(step, "JOINED", "JoinRoom")

    async def _leave(self, step: Step) -> None:
        await self._change(step, "LEFT", "LeaveRoom")

    async def _create(self, step: Step) -> None:
        await self.create(step.where // 2 % len(self._rooms))

    async def create(self, number: int) -> None:
        """Create a room; every other one is invite-only."""
        room, invite_only = self._rooms[number], number % 2 == 1
        call = self._person.change_room
        await call(
            "CHANGE_CREATED", room, self._person, "CreateRoom", name=room, invite_only=invite_only
        )

    async def _change(self, step: Step, what: str, method: str) -> None:
        room = self._room(step)
        await self._person.change_room(f"CHANGE_{what}", room, self._person, method, room=room)

    async def _delete_room(self, step: Step) -> None:
        room = self._room(step)
        call = self._person.change_room
        await call(ROOM_DELETED, room, self._person, "DeleteRoom", room=room)

    async def _invite(self, step: Step) -> None:
        room, subject = self._room(step), self._other(step)
        call = self._person.change_room
        await call("CHANGE_INVITED", room, subject, "InviteToRoom", room=room, user=subject.name)

    async def _role(self, step: Step) -> None:
        """Give a member a role, or remove the member."""
        room, subject = self._room(step), self._other(step)
        roles = (
            chat_pb2.ROOM_ROLE_READER,
            chat_pb2.ROOM_ROLE_MEMBER,
            chat_pb2.ROOM_ROLE_OWNER,
            chat_pb2.ROOM_ROLE_UNSPECIFIED,
        )
        role = roles[int(step.pick * len(roles))]
        what = "CHANGE_ROLE" if role else "CHANGE_LEFT"
        call = self._person.change_room
        await call(what, room, subject, "SetRoomRole", room=room, user=subject.name, role=role)

    # ------------------------------------------------------------- privacy

    async def _block(self, step: Step) -> None:
        if (other := self._other(step)) is not self._person:
            await self._person.block(other, blocked=True)

    async def _unblock(self, step: Step) -> None:
        if (other := self._other(step)) is not self._person:
            await self._person.block(other, blocked=False)

    async def _depart(self, step: Step) -> None:
        """Let a guest come, send a message to the lobby, and delete everything."""
        ghost = self._person.ghost()
        try:
            request_id = ghost.request_id()
            text = f"{request_id} ".ljust(step.size, ".")
            await ghost.come_and_depart(Made(request_id, MESSAGE, LOBBY, text))
        finally:
            await ghost.close()

    # ------------------------------------------------------------- faults

    def _meanwhile(self, fault: Coroutine[Any, Any, None]) -> None:
        """Run a fault beside the next steps."""
        task = asyncio.create_task(fault)
        self._faults.add(task)
        task.add_done_callback(self._faults.discard)

    async def _drop(self, step: Step) -> None:
        if isinstance(self._client, Device):
            self._client.drop()
        else:
            self._proxy.cut()

    async def _cut(self, step: Step) -> None:
        self._proxy.cut()

    async def _stall(self, step: Step) -> None:
        self._meanwhile(self._stalled(step, cut=False))

    async def _hole(self, step: Step) -> None:
        self._meanwhile(self._stalled(step, cut=True))

    async def _stalled(self, step: Step, *, cut: bool) -> None:
        self._proxy.stall()
        await asyncio.sleep(step.lasts)
        if cut:
            self._proxy.cut()
        self._proxy.heal()

    async def _slow(self, step: Step) -> None:
        self._meanwhile(self._slowed(step))

    async def _slowed(self, step: Step) -> None:
        self._proxy.bytes_a_second = SLOW
        await asyncio.sleep(step.lasts)
        self._proxy.heal()

    async def _deaf(self, step: Step) -> None:
        self._meanwhile(self._client.deaf(step.lasts))

    async def _restart(self, step: Step) -> None:
        if step.pick < 0.2 and isinstance(self._client, Device):
            self._client.forget()
        elif isinstance(self._client, PageDevice):
            self._client.restart(new=step.pick < 0.3)
        else:
            self._client.restart()

    async def _save(self, step: Step) -> None:
        if isinstance(self._client, Device):
            self._client.save()

    # ------------------------------------------------------------- abuse

    def _to_self(self, step: Step, text: str) -> None:
        made = self._made(MESSAGE, step, place=f"@{self._person.number}")
        self._client.ask(replace(made, text=f"{made.request_id} {text}"))

    async def _ligatures(self, step: Step) -> None:
        """Send texts that normalize to 11 times their length."""
        for _ in range(10):
            self._to_self(step, "\ufdfa" * 5000)

    async def _han(self, step: Step) -> None:
        """Send texts of many different letters."""
        for first in range(0x4E00, 0x4E00 + 10):
            self._to_self(step, "".join(map(chr, range(first, first + 5000))))

    async def _unknown(self, step: Step) -> None:
        """Mention 100 users who do not exist, ten times."""
        for _ in range(10):
            self._to_self(step, " ".join(f"@nobody{step.where}x{n}" for n in range(100)))

    async def _edits(self, step: Step) -> None:
        """Edit one message many times."""
        if found := self._message(step):
            for _ in range(step.times):
                self._client.ask(self._made(EDITED, step._replace(size=10), target=found[0]))

    async def _phrases(self, step: Step) -> None:
        """Search for a phrase of frequent words eight times at once, and cancel."""
        self._to_self(step, "a " * 7000)
        await asyncio.gather(*(self._person.search(within=0.3) for _ in range(8)))

    async def _silent(self, step: Step) -> None:
        """Hold calls open that never say hello."""
        self._meanwhile(self._person.hold_streams(step.times, step.lasts, hello=False))

    async def _streams(self, step: Step) -> None:
        """Hold many streams of one token open."""
        self._meanwhile(self._person.hold_streams(step.times, step.lasts, hello=True))

    async def _spam_rooms(self, step: Step) -> None:
        """Create rooms."""
        for _ in range(10):
            room = f"spam{self._person.request_id().replace('.', '-')}"
            await self._person.change_room(
                "CHANGE_CREATED", room, self._person, "CreateRoom", name=room
            )


def _pick(some: Sequence[_T], share: float) -> _T | None:
    """Return the element at a share of the sequence's length, or None if it is empty."""
    return some[min(int(share * len(some)), len(some) - 1)] if some else None
