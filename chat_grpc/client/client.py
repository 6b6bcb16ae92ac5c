"""The client that stays connected."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from grpc import aio

from chat_grpc import __version__
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.caller import Caller
from chat_grpc.client.channel import DEFAULT_SERVER, authorization, open_channel
from chat_grpc.client.errors import ChatError, Closed, Refused, Unreachable, from_call
from chat_grpc.client.inbox import Inbox, Position, author_of
from chat_grpc.client.outgoing import Outgoing
from chat_grpc.client.requests import (
    Request,
    To,
    check_size,
    make_delete,
    make_edit,
    make_react,
    make_send,
    sequence_of,
    target,
)
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.unary import Unary
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc

MAX_UNANSWERED = 256
"""Requests that may wait for their answer; the next waits for one of them."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""Events that wait for the program; then the stream is not read until it takes some."""

HARD_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""The same while a `send` waits for its answer, and the stream has to be read for it."""

_WELCOME_WITHIN = 20.0
_SILENCE = 2.5
"""A stream that is silent for so many heartbeat intervals is taken for lost."""

_HIDDEN = frozenset({"sent", "rejected", "welcome", "heartbeat", None})

_CONNECTED = (ConnectionState.CATCHING_UP, ConnectionState.LIVE)

_Call = aio.StreamStreamCall[chat_pb2.ConnectRequest, chat_pb2.ConnectResponse]


class ChatClient(Unary):
    """A stream to the chat that comes back by itself.

    - `send`, `edit`, `delete` and `react` return when what they ask for is stored. Over a lost
      connection they are sent again with the same `request_id`, so that it is done once.
    - Iterating gives the events, each stored one once and by rising sequence. After a lost
      connection the stream resumes behind the last one received. What the client itself asked
      for is answered there, and is not given as an event.
    - The other methods are calls of their own beside the stream, with its token: they have a
      deadline of 10 seconds, and raise `Unreachable` where the server does not answer.
    - A program that takes its time stops the reading, so that the server keeps what is to come.
      A program that never iterates, or waits for a `send` meanwhile, is not stopped: what is too
      much for the buffer is discarded, and read again from the server's log when there is room.
      Events that are not stored (`presence`, `typing`) may be missing then.
    - An end that another try cannot mend raises `Refused`, from iterating and from each `send`.

    Belongs to the event loop on which it is entered; any of its tasks may `send`, one may iterate.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        name: str = "",
        token: str | None = None,
        position: Position | None = None,
        device_id: str | None = None,
        agent: str = f"chat-grpc-python/{__version__}",
        connect_timeout: float = 10.0,
        on_state: Callable[[ConnectionState], None] | None = None,
        backoff: Backoff | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Takes what to connect to and as whom: a guest's `name`, or a `token`.

        With both, the token is taken; a server that does not know it makes a new guest of that
        name. `position` resumes where another client stopped. `device_id` is random where none is
        given; a second client with the same one takes over from the first. `connect_timeout`, in
        seconds, bounds only the first connection; a lost one is tried for again without end.
        `on_state` is called on the loop at each change, and must neither block nor raise.
        `channel_options` are gRPC's channel arguments.
        """
        self.token = token or ""
        """Names the user; for a guest, keep it to be the same guest again."""
        self.me = chat_pb2.Client(name=name)
        """The client itself, as the last `welcome` had it."""
        self.limits = chat_pb2.Limits()
        """What the server accepts, as the last `welcome` had it."""
        self.server_version = ""
        """The version of the server."""
        self.node = ""
        """The name of the server's node."""
        self.recovery: chat_pb2.Recovery.ValueType = chat_pb2.RECOVERY_UNSPECIFIED
        """What became of resuming, at the last connection."""
        self.state = ConnectionState.CONNECTING
        """How the connection is now."""
        self._server = server
        self._name = name
        self._device_id = uuid.uuid4().hex if device_id is None else device_id
        self._agent = agent
        self._connect_timeout = connect_timeout
        self._on_state = on_state
        self._backoff = backoff or Backoff()
        self._channel_options = channel_options
        self._inbox = Inbox(
            position or Position("", 0), MAX_BUFFERED_BYTES, HARD_MAX_BUFFERED_BYTES
        )
        self._outgoing = Outgoing(MAX_UNANSWERED)
        self._caller = Caller(server, lambda: self.token, channel_options=channel_options)
        self._delay = 0.0
        self._silence = _WELCOME_WITHIN
        self._greeted = asyncio.Event()
        """Set once the stream at hand was welcomed."""
        self._last_error: ChatError | None = None
        self._task: asyncio.Task[None] | None = None
        self._welcomed: asyncio.Future[None] | None = None

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Any) -> Self:
        """Makes a client that connects when it is entered; the options are those of the class."""
        return cls(server, **options)

    async def __aenter__(self) -> Self:
        """Connects. Raises `Refused`, or `Unreachable` where it takes too long."""
        self._welcomed = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name="chat-client")
        try:
            async with asyncio.timeout(self._connect_timeout):
                await asyncio.shield(self._welcomed)
        except TimeoutError:
            await self.close()
            if isinstance(self._last_error, Refused):
                raise self._last_error from None
            why = self._last_error or "it did not answer in time"
            raise Unreachable(f"{self._server} cannot be reached: {why}") from None
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
        """Ends the stream; what still waits raises `Closed`, iterating ends. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._caller.close()
        self._end(Closed("the client is closed"))

    @property
    def position(self) -> Position:
        """The place behind the last event that the program took, for another client to resume."""
        return self._inbox.position

    # ------------------------------------------------------------- requests

    async def send(
        self, text: str, to: To = None, *, reply_to: int = 0, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Sends a message, and returns when it is stored.

        `to` is a client's number, a user's name, a `#room`, or None for everyone. Messages
        are stored in the order of the calls. Raises `Refused`, or `Closed`. A call that is
        cancelled may have sent the message, or still send it: call again with the same
        `request_id` to know.
        """
        return await self._ask(make_send(text, to, reply_to, request_id))

    async def edit(
        self, sequence: int, text: str, *, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Replaces the text of one of the user's own messages; otherwise like `send`."""
        return await self._ask(make_edit(sequence, text, request_id))

    async def delete(self, sequence: int, *, request_id: str | None = None) -> chat_pb2.Sent:
        """Deletes a message of the user's own, or any as a moderator; otherwise like `send`."""
        return await self._ask(make_delete(sequence, request_id))

    async def react(
        self, sequence: int, emoji: str, *, remove: bool = False, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Adds a reaction to a message, or takes it back; otherwise like `send`."""
        return await self._ask(make_react(sequence, emoji, request_id, remove=remove))

    async def mark_read(self, sequence: int, to: To = None) -> None:
        """Says that the user has read a conversation up to a sequence; it never moves back.

        `to` is as in `send`. Returns at once: the server does not answer. The newest marker of
        each conversation is told again after a lost connection.
        """
        self._outgoing.mark(chat_pb2.MarkRead(target=target(to), sequence=sequence_of(sequence)))

    async def typing(self, to: To = None) -> None:
        """Tells the others that the user is typing; lost where the stream is not ready for it."""
        if self.state in _CONNECTED:
            self._outgoing.pass_on(chat_pb2.SetTyping(target=target(to)))

    async def _ask(self, request: Request) -> chat_pb2.Sent:
        check_size(request, self.limits)
        return await self._outgoing.ask(request)

    # --------------------------------------------------------------- events

    def __aiter__(self) -> Self:
        """Gives the events, but not answers to own requests and heartbeats. Raises `Refused`."""
        return self

    async def __anext__(self) -> chat_pb2.Event:
        try:
            return await self._inbox.take()
        except Closed:
            raise StopAsyncIteration from None

    # ----------------------------------------------------------- connection

    async def _run(self) -> None:
        try:
            while True:
                self._set_state(ConnectionState.CONNECTING)
                try:
                    await self._connection()
                    asked = 0.0
                except ChatError as error:
                    if not self._another_try(error):
                        self._end(error)
                        return
                    self._last_error = error
                    asked = error.retry_after or 0.0
                self._set_state(ConnectionState.WAITING)
                wait = max(asked, self._delay)
                self._delay = 0.0
                await self._backoff.wait(wait)
        except Exception as error:
            self._end(ChatError(f"the client failed: {error!r}"))
            raise

    def _another_try(self, error: ChatError) -> bool:
        if not isinstance(error, Refused) or not error.final:
            return True
        # A guest whom the server no longer knows, because it lost its store, begins anew.
        if error.token_unknown and not self._greeted.is_set() and self._name and self.token:
            self.token = ""
            return True
        return False

    async def _connection(self) -> None:
        """Holds one connection until it ends. Raises `Refused` or `Unreachable`."""
        self._greeted.clear()
        self._silence = _WELCOME_WITHIN
        channel = open_channel(self._server, self._channel_options)
        try:
            call = chat_pb2_grpc.ChatServiceStub(channel).Connect(
                metadata=authorization(self.token)
            )
            try:
                await self._until_end(call)
            except aio.AioRpcError as error:
                raise from_call(error) from error
            finally:
                call.cancel()
        finally:
            await channel.close()

    async def _until_end(self, call: _Call) -> None:
        """Reads and writes until the stream ends, or has to be opened again."""
        position = self._inbox.resume()
        hello = chat_pb2.Hello(
            name="" if self.token else self._name,
            log_id=position.log_id,
            resume_after=position.sequence,
            device_id=self._device_id,
            agent=self._agent,
        )
        reader = asyncio.create_task(self._read_events(call), name="chat-client-reader")
        writer = asyncio.create_task(
            self._outgoing.write(call, hello, self._greeted), name="chat-client-writer"
        )
        overflow = asyncio.create_task(self._inbox.overflow(), name="chat-client-overflow")
        tasks = {reader, writer, overflow}
        try:
            waiting = tasks
            while not reader.done() and not overflow.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_events(self, call: _Call) -> None:
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    response: Any = await call.read()
            except TimeoutError:
                raise Unreachable("the server fell silent") from None
            if response is aio.EOF:
                return
            for event in response.events:
                self._take(event)
            if self._inbox.full:
                await self._pause()

    async def _pause(self) -> None:
        """Waits until the program took something, unless an answer to it is to come."""
        if not self._inbox.started or self._outgoing.unanswered:
            return
        self._outgoing.stirred.clear()
        room = asyncio.create_task(self._inbox.room(), name="chat-client-room")
        request = asyncio.create_task(self._outgoing.stirred.wait(), name="chat-client-request")
        try:
            await asyncio.wait({room, request}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            room.cancel()
            request.cancel()
            await asyncio.gather(room, request, return_exceptions=True)

    def _take(self, event: chat_pb2.Event) -> None:
        kind = event.WhichOneof("event")
        unanswered = self._outgoing.unanswered
        if kind == "sent":
            self._inbox.own(event.sent.sequence)
            unanswered.sent(event.sent)
            self._inbox.settle(unanswered.settled)
        elif kind == "rejected":
            unanswered.rejected(event.rejected)
            self._inbox.settle(unanswered.settled)
        elif kind == "welcome":
            self._welcome(event.welcome)
        elif kind == "caught_up":
            self._set_state(ConnectionState.LIVE)
        elif kind == "go_away":
            self._delay = event.go_away.reconnect_after.ToMilliseconds() / 1000
        if kind not in _HIDDEN:
            by_user = author_of(event) == self.me.number
            self._inbox.put(event, unanswered.made if by_user and unanswered else 0)

    def _welcome(self, welcome: chat_pb2.Welcome) -> None:
        if self._inbox.welcome(welcome):
            self._outgoing.forget_log()
        self._inbox.settle(self._outgoing.unanswered.settled)
        self.me = welcome.client
        self.token = welcome.token or self.token
        self.limits = welcome.limits
        self.server_version = welcome.server_version
        self.node = welcome.node
        self.recovery = welcome.recovery
        interval = welcome.heartbeat_interval.ToMilliseconds() / 1000
        self._silence = max(1.0, interval * _SILENCE) if interval else 60.0
        self._greeted.set()
        self._backoff.reset()
        self._set_state(ConnectionState.CATCHING_UP)
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_result(None)

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self.state and self.state is not ConnectionState.CLOSED:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)

    def _end(self, error: ChatError) -> None:
        if self.state is ConnectionState.CLOSED:
            return
        self._set_state(ConnectionState.CLOSED)
        self._outgoing.fail(error)
        self._inbox.end(error)
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_exception(error)
            self._welcomed.exception()  # __aenter__ asks, unless it gave up
