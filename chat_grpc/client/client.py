"""The client that stays connected."""

from __future__ import annotations

import asyncio
import enum
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc
from grpc import aio

from chat_grpc import __version__
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.calls import ChatCalls
from chat_grpc.client.channel import DEFAULT_SERVER, authorization, open_channel
from chat_grpc.client.errors import (
    ChatError,
    Closed,
    Refused,
    Unreachable,
    from_call,
    from_rejected,
)
from chat_grpc.client.requests import To, target
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

MAX_UNANSWERED = 256
"""Sends that may wait for their answer; the next waits for one of them."""

MAX_BUFFERED = 10_000
"""Events that wait for the program; then the stream is not read until it takes some."""

_SILENCE = 2.5
"""A stream that is silent for so many heartbeat intervals is taken for lost."""

# What `Connect` in the contract says not to reconnect after.
_FINAL = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)

_HIDDEN = frozenset({"sent", "rejected", "welcome", "heartbeat", None})

_Call = aio.StreamStreamCall[chat_pb2.ConnectRequest, chat_pb2.ConnectResponse]


class ConnectionState(enum.Enum):
    """How the connection is."""

    CONNECTING = "connecting"
    """A try is under way."""
    CATCHING_UP = "catching up"
    """Connected; what was missed is coming."""
    LIVE = "live"
    """Connected; nothing is missing."""
    WAITING = "waiting"
    """Not connected; the next try comes by itself."""
    CLOSED = "closed"
    """Ended for good."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a log to resume from, for `ChatClient.connect`."""

    log_id: str
    sequence: int


@dataclass(slots=True)
class _Pending:
    request: chat_pb2.ConnectRequest
    answer: asyncio.Future[chat_pb2.Sent]


class ChatClient:
    """A stream to the chat that comes back by itself.

    - `send` returns when the message is stored. Over a lost connection it is sent again with the
      same `request_id`, so that it is stored once.
    - Iterating gives the events, each stored one once and by rising sequence. After a lost
      connection the stream resumes behind the last one received.
    - Until iterating begins the last `MAX_BUFFERED` events are kept. From then on none is
      dropped: a slow program stops the reading, unless a `send` waits for its answer.
    - An end that another try cannot mend raises `Refused`, from iterating and from each `send`.

    Belongs to the event loop on which it is entered; any of its tasks may `send`, one may iterate.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        name: str = "",
        token: str = "",
        position: Position | None = None,
        device_id: str | None = None,
        agent: str = f"chat-grpc-python/{__version__}",
        connect_timeout: float = 10.0,
        on_state: Callable[[ConnectionState], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Takes what to connect to and as whom: a guest's `name`, or a `token`.

        `position` resumes where another client stopped. `connect_timeout`, in seconds, bounds only
        the first connection; a lost one is tried for again without end. `on_state` is called on
        the loop at each change and must not block.
        """
        self.token = token
        """Names the user; for a guest, keep it to be the same guest again."""
        self.me = chat_pb2.Client(name=name)
        """The client itself, as the last `welcome` had it."""
        self.limits = chat_pb2.Limits()
        self.server_version = ""
        self.node = ""
        self.recovery: chat_pb2.Recovery.ValueType = chat_pb2.RECOVERY_UNSPECIFIED
        """What became of resuming, at the last connection."""
        self.state = ConnectionState.CONNECTING
        self._server = server
        self._name = name
        self._log_id = position.log_id if position is not None else ""
        self._received = position.sequence if position is not None else 0
        self._taken = self._received
        self._device_id = uuid.uuid4().hex if device_id is None else device_id
        self._agent = agent
        self._connect_timeout = connect_timeout
        self._on_state = on_state
        self._backoff = backoff or Backoff()
        self._pending: dict[str, _Pending] = {}
        self._unsent: deque[chat_pb2.ConnectRequest] = deque()
        self._events: deque[chat_pb2.Event] = deque()
        self._iterated = False
        self._stirred = asyncio.Event()
        """Set when there is something to write."""
        self._arrived = asyncio.Event()
        """Set when there are events, or none will come."""
        self._room = asyncio.Event()
        """Set when reading may go on."""
        self._slots = asyncio.Semaphore(MAX_UNANSWERED)
        self._delay = 0.0
        self._silence = 60.0
        self._failure: ChatError | None = None
        self._task: asyncio.Task[None] | None = None
        self._welcomed: asyncio.Future[None]

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Any) -> Self:
        """Makes a client that connects when it is entered; the options are those of the class."""
        return cls(server, **options)

    async def __aenter__(self) -> Self:
        self._welcomed = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name="chat-client")
        try:
            async with asyncio.timeout(self._connect_timeout):
                await asyncio.shield(self._welcomed)
        except TimeoutError:
            await self.close()
            raise Unreachable(f"{self._server} did not answer in time") from None
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the stream; whatever still waits raises `Closed`. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._end(Closed("the client is closed"))
        if self._welcomed.done() and not self._welcomed.cancelled():
            self._welcomed.exception()  # told by __aenter__, or of no more interest
        self._welcomed.cancel()

    @property
    def position(self) -> Position:
        """The place behind the last event that the program took."""
        return Position(self._log_id, self._taken)

    # ------------------------------------------------------------- requests

    async def send(
        self, text: str, to: To = None, *, reply_to: int = 0, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Sends a message, and returns when it is stored.

        `to` is a client's number, a user's name, a `#room`, or None for everyone. Messages
        are stored in the order of the calls. Raises `Refused`, or `Closed`.
        """
        request_id = request_id or uuid.uuid4().hex
        send = chat_pb2.Send(target=target(to), text=text, reply_to=reply_to, request_id=request_id)
        async with self._slots:
            self._raise_failure()
            pending = self._pending.get(request_id)
            if pending is None:
                answer: asyncio.Future[chat_pb2.Sent] = asyncio.get_running_loop().create_future()
                pending = _Pending(chat_pb2.ConnectRequest(send=send), answer)
                self._pending[request_id] = pending
                self._write(pending.request)
            return await asyncio.shield(pending.answer)

    def typing(self, to: To = None) -> None:
        """Tells the others that the user is typing; lost where there is no connection."""
        if self.state in (ConnectionState.LIVE, ConnectionState.CATCHING_UP):
            typing = chat_pb2.SetTyping(target=target(to))
            self._write(chat_pb2.ConnectRequest(set_typing=typing))

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """Lists who is connected now, by rising number. Raises `Refused` or `Unreachable`."""
        async with ChatCalls(self._server, token=self.token) as calls:
            return await calls.clients(room)

    def _write(self, request: chat_pb2.ConnectRequest) -> None:
        self._unsent.append(request)
        self._room.set()
        self._stirred.set()

    # --------------------------------------------------------------- events

    async def __aiter__(self) -> AsyncIterator[chat_pb2.Event]:
        """Gives the events, but not answers to own requests and heartbeats. Raises `Refused`."""
        self._iterated = True
        while True:
            while self._events:
                event = self._events.popleft()
                if len(self._events) < MAX_BUFFERED:
                    self._room.set()
                self._taken = max(self._taken, event.sequence)
                yield event
            if isinstance(self._failure, Closed):
                return
            self._raise_failure()
            self._arrived.clear()
            await self._arrived.wait()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    # ----------------------------------------------------------- connection

    async def _run(self) -> None:
        try:
            while True:
                self._set_state(ConnectionState.CONNECTING)
                try:
                    await self._connection()
                    wait = self._backoff.next(self._delay)
                except (Refused, Unreachable) as error:
                    if not self._another_try(error):
                        self._end(error)
                        return
                    asked = getattr(error, "retry_after", None) or 0.0
                    wait = self._backoff.next(max(asked, self._delay))
                self._delay = 0.0
                self._set_state(ConnectionState.WAITING)
                await asyncio.sleep(wait)
        except Exception as error:
            self._end(ChatError(f"the client failed: {error}"))
            raise

    def _another_try(self, error: ChatError) -> bool:
        if not isinstance(error, Refused) or error.code not in _FINAL:
            return True
        # A guest whom the server no longer knows, because it lost its store, begins anew.
        if error.code is grpc.StatusCode.UNAUTHENTICATED and self._name and self.token:
            self.token = ""
            return True
        return False

    async def _connection(self) -> None:
        """Holds one connection until it ends. Raises `Refused` or `Unreachable`."""
        channel = open_channel(self._server)
        try:
            call = chat_pb2_grpc.ChatServiceStub(channel).Connect(
                metadata=authorization(self.token)
            )
            writer = asyncio.create_task(self._write_requests(call), name="chat-client-writer")
            try:
                await self._read_events(call)
            except aio.AioRpcError as error:
                raise from_call(error) from error
            finally:
                call.cancel()
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        finally:
            await channel.close()

    async def _write_requests(self, call: _Call) -> None:
        hello = chat_pb2.Hello(
            name="" if self.token else self._name,
            log_id=self._log_id,
            resume_after=self._received,
            device_id=self._device_id,
            agent=self._agent,
        )
        await call.write(chat_pb2.ConnectRequest(hello=hello))
        # What was not answered is sent again; the server knows it by its request_id.
        self._unsent = deque(pending.request for pending in self._pending.values())
        while True:
            while self._unsent:
                await call.write(self._unsent.popleft())
            self._stirred.clear()
            await self._stirred.wait()

    async def _read_events(self, call: _Call) -> None:
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    response: Any = await call.read()
            except TimeoutError:
                raise Unreachable("the server fell silent") from None
            if response is aio.EOF:
                if await call.code() is not grpc.StatusCode.OK:
                    details = await call.details()
                    raise from_call(
                        aio.AioRpcError(
                            await call.code(),
                            await call.initial_metadata(),
                            await call.trailing_metadata(),
                            details=details,
                        )
                    )
                return
            for event in response.events:
                self._take(event)
            if not self._room_left():
                self._room.clear()
                await self._room.wait()

    def _room_left(self) -> bool:
        return len(self._events) < MAX_BUFFERED or not self._iterated or bool(self._pending)

    def _take(self, event: chat_pb2.Event) -> None:
        kind = event.WhichOneof("event")
        if kind == "sent":
            pending = self._pending.pop(event.sent.request_id, None)
            if pending is not None and not pending.answer.done():
                pending.answer.set_result(event.sent)
        elif kind == "rejected":
            pending = self._pending.pop(event.rejected.request_id, None)
            if pending is not None and not pending.answer.done():
                pending.answer.set_exception(from_rejected(event.rejected.error))
        elif kind == "welcome":
            self._welcome(event.welcome)
        elif kind == "caught_up":
            self._set_state(ConnectionState.LIVE)
        elif kind == "go_away":
            self._delay = event.go_away.reconnect_after.ToMilliseconds() / 1000
        if kind in _HIDDEN or 0 < event.sequence <= self._received:
            return
        self._received = max(self._received, event.sequence)
        if not self._iterated and len(self._events) >= MAX_BUFFERED:
            self._events.popleft()
        self._events.append(event)
        self._arrived.set()

    def _welcome(self, welcome: chat_pb2.Welcome) -> None:
        if welcome.log_id != self._log_id or welcome.recovery == chat_pb2.RECOVERY_FRESH:
            self._log_id = welcome.log_id
            self._received = self._taken = welcome.head_sequence
        self.me = welcome.client
        self.token = welcome.token or self.token
        self.limits = welcome.limits
        self.server_version = welcome.server_version
        self.node = welcome.node
        self.recovery = welcome.recovery
        self._silence = max(1.0, welcome.heartbeat_interval.ToMilliseconds() / 1000 * _SILENCE)
        self._backoff.reset()
        self._set_state(ConnectionState.CATCHING_UP)
        if not self._welcomed.done():
            self._welcomed.set_result(None)

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self.state and self.state is not ConnectionState.CLOSED:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)

    def _end(self, error: ChatError) -> None:
        self._failure = self._failure or error
        self._set_state(ConnectionState.CLOSED)
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(error)
                pending.answer.exception()  # a sender that was cancelled does not ask for it
        self._pending.clear()
        if not self._welcomed.done():
            self._welcomed.set_exception(error)
        self._arrived.set()
        self._room.set()
