"""`Connect`: one coroutine a stream, which reads the requests. The pacer writes the events."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from typing import Any

from grpc import aio

from chat_grpc import __version__
from chat_grpc.core import limits
from chat_grpc.core.errors import (
    Draining,
    FellBehind,
    FieldInvalid,
    HelloRequired,
    NotSignedIn,
    ServerFull,
)
from chat_grpc.core.events import frame
from chat_grpc.core.hub import Hub
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.outbox import Outbox
from chat_grpc.core.presence import client_message
from chat_grpc.core.stream import Range, Stream
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.service.guard import Context, Requests, parse
from chat_grpc.service.identity import Identity
from chat_grpc.service.requests import StreamRequests
from chat_grpc.service.status import duration
from chat_grpc.v1 import chat_pb2

_LOG = logging.getLogger("chat_grpc.service")


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What an operator sets about streams. Times are in seconds."""

    node: str
    max_streams: int
    heartbeat: float


class Connect:
    """Serves the streams of one node. Belongs to the event loop."""

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        identity: Identity,
        mentions: Mentions,
        settings: StreamSettings,
    ) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._settings = settings
        self._requests = StreamRequests(hub, journal, identity, mentions)
        self._open = 0

    async def connect(self, requests: Requests, context: Context) -> None:
        """Serves one stream from its `hello` to its end."""
        if self._hub.draining:
            raise Draining("The server is going away.", retry_after=1.0)
        if self._open >= self._settings.max_streams:
            raise ServerFull(
                f"The server has {self._settings.max_streams} streams, as many as it admits.",
                metadata={"max_streams": str(self._settings.max_streams)},
                retry_after=5.0,
            )
        self._open += 1
        try:
            hello = _hello(await requests.first())
            await self._serve(hello, context)
        finally:
            self._open -= 1

    async def _serve(self, hello: chat_pb2.Hello, context: Context) -> None:
        user, token = await self._who(hello, context)
        past: list[Range] = []
        if hello.log_id == self._journal.log_id:
            past = await self._journal.history.past(user, hello.resume_after)
        if self._hub.draining:
            raise Draining("The server is going away.", retry_after=1.0)
        task = asyncio.current_task()
        assert task is not None
        stream = self._hub.open(
            user,
            Outbox(context.write, self._hub.clock.monotonic()),
            device_id=hello.device_id,
            agent=_printable(hello.agent),
            cancel=task.cancel,
            past=past,
        )
        if len(self._hub.clients[user.number].streams) == 1:
            self._journal.note_presence(user, online=True)
        try:
            recovery, after = self._recovery(hello)
            self._hub.tell(stream, self._welcome(stream, recovery, token))
            self._hub.begin(stream, after)
            await self._listen(stream, context)
        except asyncio.CancelledError:
            if stream.ending is None:
                raise
            task.uncancel()
        finally:
            self._hub.close(stream)
            if not self._hub.clients[user.number].streams:
                self._journal.note_presence(user, online=False)
        assert stream.ending is not None
        raise stream.ending

    async def _who(self, hello: chat_pb2.Hello, context: Context) -> tuple[User, str]:
        """Finds who says hello, and a guest's token."""
        token = self._identity.token_of(context.invocation_metadata() or ()) or hello.token
        if token:
            user = await self._identity.user_of(token)
            return user, token if user.guest else ""
        if not hello.name:
            raise NotSignedIn("A hello needs a guest's name, or a token.")
        return await self._identity.new_guest(hello.name)

    def _welcome(self, stream: Stream, recovery: chat_pb2.Recovery.ValueType, token: str) -> bytes:
        welcome = chat_pb2.Welcome(
            client=client_message(self._hub.clients[stream.user.number], self._settings.node),
            log_id=self._journal.log_id,
            head_sequence=self._hub.head,
            recovery=recovery,
            oldest_sequence=self._journal.oldest,
            token=token,
            heartbeat_interval=duration(self._settings.heartbeat),
            limits=chat_pb2.Limits(max_text_bytes=limits.MAX_TEXT_BYTES),
            server_version=__version__,
            node=self._settings.node,
        )
        return frame(self._event(welcome=welcome))

    def _event(self, **kind: Any) -> chat_pb2.Event:
        event = chat_pb2.Event(**kind)
        event.time.FromNanoseconds(self._hub.clock.nanoseconds())
        return event

    def _recovery(self, hello: chat_pb2.Hello) -> tuple[chat_pb2.Recovery.ValueType, int | None]:
        """Says what becomes of resuming, and after which sequence; None for from now on."""
        after, oldest = hello.resume_after, self._journal.oldest
        if not hello.log_id:
            return chat_pb2.RECOVERY_FRESH, None
        # A sequence that this log never gave is of a log that was replaced by an older copy.
        if hello.log_id != self._journal.log_id or after > self._hub.head:
            return chat_pb2.RECOVERY_OTHER_LOG, None
        if after + 1 < oldest:
            return chat_pb2.RECOVERY_TRUNCATED, oldest - 1
        return chat_pb2.RECOVERY_COMPLETE, after

    # ------------------------------------------------------------- requests

    async def _listen(self, stream: Stream, context: Context) -> None:
        read = context.read
        while True:
            while stream.outbox.size > limits.MAX_OUTBOX_BYTES:
                # It asks without reading. It is asked again now and then, because nothing else
                # waits for a stream like this.
                await asyncio.sleep(0.05)
            raw: Any = await read()
            if raw is aio.EOF:
                # A half-close: the stream goes on, and ends by `cancel`.
                await asyncio.get_running_loop().create_future()
            await self._requests.take(stream, raw)

    # ------------------------------------------------------------- times

    def heartbeat(self) -> None:
        """Sends a heartbeat to each stream that was silent long enough, ends those that stalled."""
        now = self._hub.clock.monotonic()
        interval = self._settings.heartbeat
        beat = b""
        for outbox, stream in list(self._hub.streams.items()):
            # Spread, so that streams that fell silent together do not all wake at once.
            if 0.0 < outbox.writing_since < now - limits.STALLED:
                stream.end(FellBehind("The stream took nothing for a minute.", retry_after=1.0))
            elif not outbox.scheduled and (
                now - outbox.last_write >= interval * random.uniform(0.7, 0.95)
            ):
                heartbeat = chat_pb2.Heartbeat(head_sequence=self._hub.head)
                beat = beat or frame(self._event(heartbeat=heartbeat))
                outbox.last_write = now
                self._hub.tell(stream, beat)

    def go_away(self, within: float) -> None:
        """Tells each stream that the server goes; they come back spread over `within` seconds."""
        for stream in list(self._hub.streams.values()):
            away = chat_pb2.GoAway(
                reconnect_after=duration(random.uniform(0.0, within)),
                message="The server is stopping. You are connected again when it is back.",
            )
            self._hub.tell(stream, frame(self._event(go_away=away)))

    def end_all(self, *, idle_only: bool = False) -> None:
        """End each stream with `UNAVAILABLE`; `idle_only` spares those that have more to get."""
        for stream in list(self._hub.streams.values()):
            if not idle_only or stream.idle:
                stream.end(Draining("The server is stopping; connect again and resume."))


def _hello(raw: bytes) -> chat_pb2.Hello:
    request: chat_pb2.ConnectRequest = parse(chat_pb2.ConnectRequest.FromString, raw)
    if request.WhichOneof("request") != "hello":
        raise HelloRequired("The first request of a stream is `hello`.")
    hello = request.hello
    if len(hello.device_id) > limits.MAX_DEVICE_ID_LENGTH:
        raise FieldInvalid(f"A device_id has at most {limits.MAX_DEVICE_ID_LENGTH} characters.")
    if hello.resume_after < 0:
        raise FieldInvalid("resume_after is a sequence: 0 or more.")
    return hello


def _printable(agent: str) -> str:
    kept = agent[: limits.MAX_AGENT_LENGTH]
    return "".join(letter for letter in kept if letter.isprintable())
