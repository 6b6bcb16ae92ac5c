"""The client that stays connected."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

from grpc import aio

from chat_grpc import __version__
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.caller import Caller
from chat_grpc.client.channel import authorization, open_channel
from chat_grpc.client.connection import Connection
from chat_grpc.client.errors import ChatError, Closed, Refused, Unreachable, from_call
from chat_grpc.client.inbox import Position
from chat_grpc.client.options import Options
from chat_grpc.client.requests import (
    Request,
    To,
    check_size,
    make_delete,
    make_edit,
    make_react,
    make_send,
    of_log,
    other_log,
    sequence_of,
    target,
)
from chat_grpc.client.resume_file import Keeper, Kept, ResumeFile
from chat_grpc.client.session import Session
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.unary import Unary
from chat_grpc.spelling.addresses import DEFAULT_SERVER, parse_address
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc


class ChatClient(Unary):
    """A stream to the chat that comes back by itself.

    - `send`, `edit`, `delete` and `react` return when what they ask for is stored. Over a lost
      connection they are sent again with the same `request_id`, so that it is done once.
    - Iterating gives the events, each stored one once and by rising sequence. After a lost
      connection the stream resumes behind the last one received. What these four methods of the
      client stored is answered there, and is not given as an event.
    - The other methods are calls of their own beside the stream, with its token: they have a
      deadline of 10 seconds, and raise `Unreachable` where the server does not answer.
    - A program that takes its time stops the reading, so that the server keeps what is to come.
      A program that never iterates, or waits for a `send` meanwhile, is not stopped: what is too
      much for the buffer is discarded, and read again from the server's log when there is room.
      Events that are not stored (`presence`, `typing`) may be missing then.
    - An end that another try cannot mend raises `Refused`, from iterating and from each `send`.

    Belongs to the event loop on which it is entered, once; any of its tasks may `send`, one may
    iterate.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        name: str = "",
        token: str | None = None,
        position: Position | None = None,
        resume_file: str | os.PathLike[str] | None = None,
        device_id: str | None = None,
        agent: str = f"chat-grpc-python/{__version__}",
        connect_timeout: float = 10.0,
        on_state: Callable[[ConnectionState], None] | None = None,
        backoff: Backoff | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Takes where to connect to: `HOST`, `HOST:PORT`, `[IPv6]:PORT`, `unix:PATH`.

        `Options` says what the others are.
        """
        self.state = ConnectionState.CONNECTING
        """How the connection is now."""
        self._server = parse_address(server)
        self._connect_timeout = connect_timeout
        self._on_state = on_state
        self._backoff = backoff or Backoff()
        self._channel_options = channel_options
        self._session = Session(
            name=name, token=token or "", device_id=device_id or uuid.uuid4().hex, agent=agent
        )
        self._inbox = self._session.inbox
        if position is not None:
            self._inbox.start_at(position)
        self._caller = Caller(self._server, lambda: self.token, channel_options=channel_options)
        self._file = ResumeFile(resume_file, str(self._server), name) if resume_file else None
        self._given = (token, device_id, position)
        self._keeper: Keeper | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._delay = 0.0
        self._greeted = False
        """True once the stream at hand was welcomed."""
        self._last_error: ChatError | None = None
        self._welcomed: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Unpack[Options]) -> Self:
        """Makes a client that connects when it is entered."""
        return cls(server, **options)

    async def __aenter__(self) -> Self:
        """Connects. Raises `Refused`, `Unreachable` where it takes too long, `ResumeFileUnusable`.

        A client is entered once; `RuntimeError` after that.
        """
        if self._welcomed is not None:
            raise RuntimeError("a client is entered once: make another one")
        self._welcomed = asyncio.get_running_loop().create_future()
        try:
            await self._recall()
            if self._closing is not None:
                raise Closed("the client is closed")
            if self._keeper is not None:
                self._keeping = asyncio.create_task(self._keeper.run(), name="chat-client-keeper")
            self._task = asyncio.create_task(self._run(), name="chat-client")
            async with asyncio.timeout(self._connect_timeout):
                await asyncio.shield(self._welcomed)
            if self._keeper is not None:
                await self._keeper.save()
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
        """Ends the stream; what still waits raises `Closed`, iterating ends. Idempotent.

        Events that were not taken are left for the next client that goes on at `position`. Where
        the call is cancelled, the closing goes on.
        """
        try:
            self._end(Closed("the client is closed"), discard=True)
        finally:  # also where the program's `on_state` raises
            if self._closing is None:
                self._closing = asyncio.create_task(self._close(), name="chat-client-closing")
            await asyncio.shield(self._closing)

    async def _close(self) -> None:
        tasks = [task for task in (self._task, self._keeping) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._caller.close()
        if self._keeper is not None:
            await self._keeper.try_to_save()

    # ------------------------------------------------------------ who and where

    @property
    def me(self) -> chat_pb2.Client:
        """The client itself, as the last `welcome` had it."""
        return self._session.me

    @property
    def token(self) -> str:
        """Names the user; for a guest, keep it to be the same guest again."""
        return self._session.token

    @property
    def limits(self) -> chat_pb2.Limits:
        """What the server accepts, as the last `welcome` had it."""
        return self._session.limits

    @property
    def server_version(self) -> str:
        """The version of the server."""
        return self._session.server_version

    @property
    def node(self) -> str:
        """The name of the server's node."""
        return self._session.node

    @property
    def recovery(self) -> chat_pb2.Recovery.ValueType:
        """What became of resuming, at the last connection; ahead of the events that it brings."""
        return self._session.recovery

    @property
    def position(self) -> Position:
        """The place behind the last event that the program took, for another client to resume.

        A program that keeps it once it is done with that event loses none: started again, it gets
        all behind it, and after a crash that one event again.
        """
        return self._inbox.position

    async def save(self) -> None:
        """Writes the `resume_file` now; all events that were taken count as done.

        Returns when it is on the disk. Raises `ResumeFileUnusable`, or `RuntimeError` where there
        is no `resume_file`.
        """
        if self._keeper is None:
            raise RuntimeError("the client has no resume_file, or was not entered")
        self._inbox.handle()
        await self._keeper.save()

    async def _recall(self) -> None:
        if self._file is None:
            return
        kept = await asyncio.to_thread(self._file.read)
        token, device_id, position = self._given
        if kept is not None:
            self._session.guest_token = kept.token
            self._session.token = token or kept.token
            self._session.device_id = device_id or kept.device_id
            self._inbox.start_at(position or kept.position)
        self._keeper = Keeper(self._file, self._kept)
        # Before the server makes a guest whose token could not be kept.
        await self._keeper.save()

    def _kept(self) -> Kept:
        session = self._session
        return Kept(session.guest_token, session.device_id, self._inbox.handled)

    # ------------------------------------------------------------- requests

    async def send(
        self, text: str, to: To = None, *, reply_to: int = 0, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Sends a message, and returns when it is stored.

        `to` is a client's number, a user's name, a `#room`, or None for everyone. Messages
        are stored in the order of the calls. Raises `Refused`, or `Closed`; `Unreachable` where no
        answer came for a day. A call that is cancelled may have sent the message, or still send
        it: call again with the same `request_id` to know.
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

        `to` is as in `send`. Returns at once: the server does not answer, but tells all streams of
        the user, this one too, by `read_marker`. The newest marker of each conversation is told
        again after a lost connection. Raises `Closed`, or what ended the stream.
        """
        mark = chat_pb2.MarkRead(target=target(to), sequence=sequence_of(sequence))
        if not self._inbox.behind_a_log:
            self._session.outgoing.mark(mark)

    async def typing(self, to: To = None) -> None:
        """Tells the others that the user is typing; lost where the stream is not ready for it."""
        self._session.outgoing.pass_on(chat_pb2.SetTyping(target=target(to)))

    async def _ask(self, request: Request) -> chat_pb2.Sent:
        check_size(request, self.limits)
        # The sequence is one of the log that the program still takes events of.
        if of_log(request) and self._inbox.behind_a_log:
            raise other_log()
        return await self._session.outgoing.ask(request)

    # --------------------------------------------------------------- events

    def __aiter__(self) -> Self:
        """Gives the events, but not answers to own requests and heartbeats. Raises `Refused`.

        One task at a time iterates; `RuntimeError` for another.
        """
        return self

    async def __anext__(self) -> chat_pb2.Event:
        if self._keeper is not None:
            self._keeper.ask()
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
        session = self._session
        # A guest whom the server no longer knows, because it lost its store, begins anew.
        if error.token_unknown and not self._greeted and session.name and session.token:
            session.token = ""
            return True
        return False

    async def _connection(self) -> None:
        """Holds one connection until it ends. Raises `Refused` or `Unreachable`."""
        self._greeted = False
        channel = open_channel(self._server, self._channel_options)
        try:
            call = chat_pb2_grpc.ChatServiceStub(channel).Connect(
                metadata=authorization(self.token)
            )
            try:
                await Connection(call, self._session, self._told).run()
            except aio.AioRpcError as error:
                raise from_call(error) from error
            finally:
                call.cancel()
        finally:
            await channel.close()

    def _told(self, event: chat_pb2.Event) -> None:
        if event.HasField("welcome"):
            self._greeted = True
            self._set_state(ConnectionState.CATCHING_UP)
            if self._keeper is not None:
                self._keeper.ask()
            if self._welcomed is not None and not self._welcomed.done():
                self._welcomed.set_result(None)
        elif event.HasField("caught_up"):
            self._backoff.reset()
            self._set_state(ConnectionState.LIVE)
        elif event.HasField("go_away"):
            self._delay = event.go_away.reconnect_after.ToMilliseconds() / 1000

    def _set_state(self, state: ConnectionState) -> None:
        if state is not self.state and self.state is not ConnectionState.CLOSED:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)

    def _end(self, error: ChatError, *, discard: bool = False) -> None:
        if self.state is ConnectionState.CLOSED:
            return
        self._session.outgoing.fail(error)
        self._inbox.end(error, discard=discard)
        if self._keeper is not None and isinstance(error, Refused) and error.reason == "REPLACED":
            self._keeper.stop("the client that took over keeps its place there")
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_exception(error)
            self._welcomed.exception()  # __aenter__ asks, unless it gave up
        self._set_state(ConnectionState.CLOSED)
