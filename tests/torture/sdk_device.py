"""A client on the SDK; records the events that the SDK gives its program."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from itertools import count
from typing import Any

from support import UNIT
from torture.people import Made, Person
from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ_MARKER,
    Answer,
    Ended,
    History,
    Opened,
    Refusal,
    Unknown,
    Welcomed,
)
from torture.wire import note

from chat_grpc.client import ChatClient, ChatError, ConnectionState, Position, Refused
from chat_grpc.client.backoff import Backoff
from chat_grpc.v1 import chat_pb2

MOST_WAITING = 200


class SdkDevice:
    """One program of a user. Belongs to the event loop.

    In the records, each `ChatClient` is one stream, however many streams it opens.
    """

    def __init__(self, person: Person, name: str, history: History, port: int) -> None:
        self.person = person
        self.name = name
        self.stream = ""
        """The name of the present client."""
        self.seen = 0
        """The newest sequence that the program got."""
        self._history = history
        self._port = port
        self._position: Position | None = None
        self._clients = count(1)
        self._chat: ChatClient | None = None
        self._again = asyncio.Event()
        self._hears = asyncio.Event()
        self._hears.set()
        self._asking: dict[asyncio.Task[None], str] = {}
        self._stopping = False

    @property
    def connected(self) -> bool:
        """True while the client is connected."""
        live = (ConnectionState.CATCHING_UP, ConnectionState.LIVE)
        return self._chat is not None and self._chat.state in live

    @property
    def unanswered(self) -> int:
        """Requests that wait for their answer."""
        return len(self._asking)

    def ask(self, made: Made) -> None:
        """Send a request, unless its id waits for an answer: the SDK would share that answer."""
        waits = made.request_id and made.request_id in self._asking.values()
        if self._chat is None or waits or len(self._asking) >= MOST_WAITING:
            return
        task = asyncio.create_task(self._ask(self._chat, self.stream, made))
        self._asking[task] = made.request_id
        task.add_done_callback(self._asking.pop)

    async def _ask(self, chat: ChatClient, stream: str, made: Made) -> None:
        made.note(self._history, stream, self.person.number)
        try:
            sent = await _carry_out(chat, made)
        except Refused as error:
            self._history.add(Refusal, stream, made.request_id, error.reason)
        except ChatError:
            self._history.add(Unknown, stream, made.request_id)
        else:
            if sent is not None:
                self._history.add(Answer, stream, made.request_id, sent.sequence, sent.duplicate)
                self.person.answered(made, sent.sequence)

    # ------------------------------------------------------------- faults

    async def deaf(self, seconds: float) -> None:
        """Take no events for some seconds."""
        self._hears.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._hears.set()

    def restart(self) -> None:
        """Replace the client by one that resumes at the program's position."""
        self._again.set()

    def stop(self) -> None:
        """End the client, and start no other."""
        self._stopping = True
        self._again.set()

    # ------------------------------------------------------------- clients

    async def run(self) -> None:
        """Keep one client connected until `stop`."""
        while not self._stopping:
            self._again.clear()
            try:
                await self._one_client()
            except ChatError:  # it did not connect in time: the server is away
                await asyncio.sleep(0.2)

    async def _one_client(self) -> None:
        stream = f"{self.name}#{next(self._clients)}"
        known = self._position or Position("", 0)
        opened = (stream, self.name, self.person.number, known.log_id, known.sequence)
        chat = ChatClient.connect(
            f"127.0.0.1:{self._port}",
            token=self.person.token,
            position=self._position,
            device_id=f"{self.name}-{uuid.uuid4().hex}",
            backoff=Backoff(0.05, 0.5),
            connect_timeout=20.0 * UNIT,
            wait=True,
        )
        self._history.add(Opened, *opened, sdk=True)
        async with chat:
            self.stream, self._chat = stream, chat
            at = chat.position
            recovery = "RECOVERY_COMPLETE" if self._position else "RECOVERY_FRESH"
            self._history.add(Welcomed, stream, chat.me.number, at.log_id, at.sequence, 0, recovery)
            self._position = at
            taker = asyncio.create_task(self._take(chat, stream))
            again = asyncio.create_task(self._again.wait())
            try:
                await asyncio.wait({taker, again}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._chat = None
                for task in (taker, again):
                    task.cancel()
                await asyncio.gather(taker, again, return_exceptions=True)
                self._position = chat.position
        await asyncio.gather(*self._asking)
        self._history.add(Ended, stream, "CANCELLED", "", own=True)

    async def _take(self, chat: ChatClient, stream: str) -> None:
        try:
            async for event in chat:
                note(self._history, stream, event.SerializeToString(), event)
                if event.sequence:
                    self.seen = max(self.seen, event.sequence)
                    self.person.newest = max(self.person.newest, event.sequence)
                await self._hears.wait()
        except Refused as error:
            self._history.add(Ended, stream, error.code.name, error.reason, own=False)


async def _carry_out(chat: ChatClient, made: Made) -> chat_pb2.Sent | None:
    """Make a request by the SDK; return its answer, or None for one that has no answer."""
    to: Any = made.place if made.place[:1] == "#" else int(made.place[1:] or 0)
    if made.what == MESSAGE:
        return await chat.send(made.text, to, reply_to=made.target, request_id=made.request_id)
    if made.what == EDITED:
        return await chat.edit(made.target, made.text, request_id=made.request_id)
    if made.what == DELETED:
        return await chat.delete(made.target, request_id=made.request_id)
    if made.what == REACTION:
        emoji, remove = made.text.removeprefix("-"), made.text[0] == "-"
        return await chat.react(made.target, emoji, remove=remove, request_id=made.request_id)
    if made.what == READ_MARKER:
        await chat.mark_read(made.target, to)
    else:
        with contextlib.suppress(ChatError):
            await chat.typing(to)
    return None
