"""Users of a server: each has a stream, and makes unary calls with the same token."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from google.protobuf.message import Message
from grpc import aio
from support import Recorder, eventually, reason_of

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

READER = chat_pb2.ROOM_ROLE_READER
MEMBER = chat_pb2.ROOM_ROLE_MEMBER
MODERATOR = chat_pb2.ROOM_ROLE_MODERATOR
OWNER = chat_pb2.ROOM_ROLE_OWNER

_IDS = itertools.count(1)


class Person(Recorder):
    """A guest with a stream."""

    @property
    def number(self) -> int:
        """The user's number."""
        return self.welcome.client.number

    @property
    def name(self) -> str:
        """The user's name."""
        return self.welcome.client.name

    @property
    def token(self) -> str:
        """The token, by which the next stream is the same guest."""
        return self.welcome.token

    async def do(self, method: str, **fields: Any) -> Any:
        """Make a unary call with the person's token."""
        request = getattr(chat_pb2, f"{method}Request")(**fields)
        metadata = (("authorization", f"Bearer {self.token}"),) if self.token else None
        return await getattr(self.stub, method)(request, metadata=metadata)

    async def refused(self, method: str, **fields: Any) -> str:
        """Make a unary call that must be refused; return the reason."""
        try:
            answer = await self.do(method, **fields)
        except aio.AioRpcError as error:
            return reason_of(error)
        raise AssertionError(f"{method} was not refused: {answer}")

    async def ask(self, **request: Any) -> Any:
        """Write a request that has an answer; return the `Sent` or `RequestError`."""
        [(kind, asked)] = request.items()
        asked = _copy(asked)
        asked.request_id = asked.request_id or f"a{next(_IDS)}"
        before = len(self.events)
        await self.write(**{kind: asked})
        return await eventually(lambda: self._answer(asked.request_id, before))

    async def tell(self, **request: Any) -> Any:
        """Write a request without an answer; return the `RequestError` if it was refused."""
        before = len(self.events)
        await self.write(**request)
        # The server looks at the next request after it has carried out this one.
        await self.ask(send=chat_pb2.Send())
        rejected = [e.rejected for e in self.events[before:] if e.HasField("rejected")]
        return next((each.error for each in rejected if not each.request_id), None)

    def _answer(self, request_id: str, before: int) -> Any:
        for event in self.events[before:]:
            if event.HasField("sent") and event.sent.request_id == request_id:
                return event.sent
            if event.HasField("rejected") and event.rejected.request_id == request_id:
                return event.rejected.error
        return None

    def changes(self, room: str) -> list[tuple[int, str]]:
        """Return a room's changes that the stream was told, each with the user concerned."""
        told = [c for c in self.of("room_change") if c.room.name == room]
        return [(change.change, change.subject.name) for change in told]


def _copy(asked: Message) -> Any:
    copied = type(asked)()
    copied.CopyFrom(asked)
    return copied


def room(name: str) -> chat_pb2.Target:
    """Return the target of a room."""
    return chat_pb2.Target(room=name)


def user(name: str) -> chat_pb2.Target:
    """Return the target of a user."""
    return chat_pb2.Target(user=name)


def to(person: Person) -> chat_pb2.Target:
    """Return the target of a person, by number."""
    return chat_pb2.Target(client_number=person.number)


@asynccontextmanager
async def meeting(server: Server, *names: str) -> AsyncIterator[list[Person]]:
    """Connect several people, in the order of their names."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(Person(server, name=name)) for name in names]


async def make_room(owner: Person, name: str, *members: Person, invite_only: bool = False) -> None:
    """Create a room and let people join it."""
    await owner.do("CreateRoom", name=name, invite_only=invite_only)
    for member in members:
        if invite_only:
            await owner.do("InviteToRoom", room=name, user=member.name)
        await member.do("JoinRoom", room=name)


async def do_each(person: Person, method: str, field: str, values: list[str]) -> None:
    """Make a call for each value concurrently, within the limit of streams of a connection."""
    for at in range(0, len(values), 50):
        await asyncio.gather(*(person.do(method, **{field: v}) for v in values[at : at + 50]))


async def give(owner: Person, name: str, member: Person, role: int) -> None:
    """Give a member a role."""
    await owner.do("SetRoomRole", room=name, user=member.name, role=role)
