"""A client on the bare contract that reconnects by itself and records everything."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from itertools import count
from typing import Any

from grpc import aio
from support import UNIT, reason_of
from torture.people import Made, Person
from torture.records import Answer, Ended, History, Opened, Refusal, Unknown
from torture.wire import events_in, note

from chat_grpc.v1 import chat_pb2

CONNECT = "/chat_grpc.v1.ChatService/Connect"

# Keep the window small, so that unread events wait at the server.
CHANNEL = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 64 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 500),
]

SILENCE = 5.0 * UNIT
"""Seconds of silence, five heartbeats, after which a stream is given up."""

MOST_WAITING = 200
"""The maximum number of unanswered requests of one client."""

FROM_HEAD = (chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG)


class Device:
    """One device of a user. Belongs to the event loop."""

    def __init__(
        self,
        person: Person,
        name: str,
        history: History,
        port: int,
        *,
        known: bool = True,
        final: bool = False,
    ) -> None:
        """Connect to `port`.

        A device that is not `known` has no `device_id`, and resumes after the head of `caught_up`
        if that is newer than the last event. A `final` device reads the log at the end of the run.
        """
        self.person = person
        self.name = name
        self.stream = ""
        """The name of the newest stream."""
        self.position = ("", 0)
        """The log id and the last seen sequence, for the next stream's hello."""
        self.seen = 0
        """The newest received sequence."""
        self.beats = 0
        """The number of received heartbeats."""
        self._incarnation = ""
        """The `incarnation` of the newest welcome, by which the next hello proves its history."""
        self._history = history
        self._port = port
        self._device_id = name if known else ""
        self._final = final
        self._trusts_caught_up = not known
        self._saved = ("", 0)
        self._streams = count(1)
        self._call: Any = None
        self._own_end = False
        self._hears = asyncio.Event()
        self._hears.set()
        self._welcomed = asyncio.Event()
        self._stirred = asyncio.Event()
        self._to_write: deque[Made] = deque()
        self._waiting: list[Made] = []
        self._stopping = False
        # The delay of a reconnect is not a decision of the seed.
        self._jitter = random.Random(name)

    @property
    def connected(self) -> bool:
        """True between `welcome` and the stream's end."""
        return self._welcomed.is_set()

    @property
    def unanswered(self) -> int:
        """Requests that wait for their answer."""
        return len(self._waiting) + len(self._to_write)

    def ask(self, made: Made) -> None:
        """Write a request, now or after the next reconnect."""
        if self.unanswered < MOST_WAITING:
            self._to_write.append(made)
            self._stirred.set()

    # ------------------------------------------------------------- faults

    def drop(self) -> None:
        """Cancel the stream."""
        if self._call is not None:
            self._own_end = True
            self._call.cancel()

    async def deaf(self, seconds: float) -> None:
        """Read nothing for some seconds."""
        self._hears.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._hears.set()

    def restart(self) -> None:
        """Start again from the saved position; forget unanswered requests."""
        self._to_write.clear()
        self._waiting.clear()
        self.position = self._saved
        self.drop()

    def forget(self) -> None:
        """Start again without a saved position."""
        self._saved = ("", 0)
        self.restart()

    def save(self) -> None:
        """Save the position for a restart."""
        self._saved = self.position

    # ------------------------------------------------------------- streams

    async def run(self) -> None:
        """Stay connected until `stop`."""
        while not self._stopping:
            await self._one_stream()
            await asyncio.sleep(self._jitter.uniform(0.02, 0.3))

    def stop(self) -> None:
        """End the stream, and do not reconnect."""
        self._stopping = True
        self._hears.set()
        self.drop()

    async def _one_stream(self) -> None:
        stream = self.stream = f"{self.name}#{next(self._streams)}"
        async with aio.insecure_channel(f"127.0.0.1:{self._port}", options=CHANNEL) as channel:
            connect: Any = channel.stream_stream(
                CONNECT, request_serializer=chat_pb2.ConnectRequest.SerializeToString
            )
            self._own_end = False
            opened = (stream, self.name, self.person.number, *self.position)
            self._history.add(Opened, *opened, final=self._final)
            self._call = call = connect(
                metadata=(("authorization", f"Bearer {self.person.token}"),)
            )
            tasks = {
                asyncio.create_task(self._read(call, stream)),
                asyncio.create_task(self._write(call, stream)),
            }
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._welcomed.clear()
                self._call = None
                call.cancel()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await self._note_end(call, stream)

    async def _note_end(self, call: Any, stream: str) -> None:
        for made in self._waiting:
            if made.request_id:
                self._history.add(Unknown, stream, made.request_id)
        self._to_write.extendleft(reversed([m for m in self._waiting if m.request_id]))
        self._waiting.clear()
        status, reason, details = await call.code(), "", await call.details() or ""
        # If a write coincides with the end of the stream, gRPC's own status hides the server's.
        own = self._own_end or details == "Internal error from Core"
        if not own:
            trailers = await call.trailing_metadata()
            error = aio.AioRpcError(status, aio.Metadata(), trailers, details=details)
            reason = reason_of(error)
        self._history.add(Ended, stream, status.name, reason, own, details)

    async def _read(self, call: Any, stream: str) -> None:
        with contextlib.suppress(aio.AioRpcError):
            while True:
                await self._hears.wait()
                try:
                    async with asyncio.timeout(SILENCE):
                        response: Any = await call.read()
                except TimeoutError:
                    self._own_end = True
                    return
                if response is aio.EOF:
                    return
                for raw in events_in(response):
                    self._take(stream, raw)

    async def _write(self, call: Any, stream: str) -> None:
        log_id, after = self.position
        hello = chat_pb2.Hello(
            log_id=log_id,
            resume_after=after,
            device_id=self._device_id,
            agent="torture",
            incarnation=self._incarnation,
        )
        with contextlib.suppress(aio.AioRpcError, asyncio.InvalidStateError):
            await call.write(chat_pb2.ConnectRequest(hello=hello))
            await self._welcomed.wait()
            while True:
                while self._to_write:
                    made = self._to_write.popleft()
                    made.note(self._history, stream, self.person.number)
                    if made.request_id:
                        self._waiting.append(made)
                    await call.write(made.encoded())
                self._stirred.clear()
                await self._stirred.wait()
        # The reading task finds out why the stream ended.
        await asyncio.get_running_loop().create_future()

    def _take(self, stream: str, raw: bytes) -> None:
        event = chat_pb2.Event.FromString(raw)
        kind = event.WhichOneof("event")
        note(self._history, stream, raw, event)
        if kind == "sent":
            made = self._answered(event.sent.request_id)
            sent = event.sent
            self._history.add(Answer, stream, sent.request_id, sent.sequence, sent.duplicate)
            if made is not None:
                self.person.answered(made, sent.sequence)
        elif kind == "rejected":
            self._answered(event.rejected.request_id)
            reason = event.rejected.error.reason
            if event.rejected.request_id:
                self._history.add(Refusal, stream, event.rejected.request_id, reason)
        elif kind == "welcome":
            welcome = event.welcome
            if self._device_id:  # older clients, like the devices without an id, hand none over
                self._incarnation = welcome.incarnation
            if welcome.recovery in FROM_HEAD:
                self.position = (welcome.log_id, welcome.head_sequence)
            self.seen = max(self.seen, self.position[1])
            self._welcomed.set()
        elif kind == "heartbeat":
            self.beats += 1
        elif kind == "caught_up" and self._trusts_caught_up:
            self.position = (self.position[0], max(self.position[1], event.caught_up.head_sequence))
        elif event.sequence:
            self.position = (self.position[0], event.sequence)
            self.seen = max(self.seen, event.sequence)
            self.person.newest = max(self.person.newest, event.sequence)

    def _answered(self, request_id: str) -> Made | None:
        for made in self._waiting:
            if made.request_id == request_id:
                self._waiting.remove(made)
                return made
        return None
