"""The client that stays connected."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

from chat_grpc import __version__
from chat_grpc.client.admin import AdminCalls
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.caller import Caller
from chat_grpc.client.channel import endpoint
from chat_grpc.client.errors import ChatError, Closed, Refused, Unreachable, UserChanged
from chat_grpc.client.inbox import Position
from chat_grpc.client.link import Link
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
from chat_grpc.client.tls import Tls
from chat_grpc.client.unary import Unary
from chat_grpc.spelling.addresses import DEFAULT_SERVER
from chat_grpc.v1 import chat_pb2


class ChatClient(AdminCalls, Unary):
    """A stream to the chat that reconnects by itself.

    - `send`, `edit`, `delete` and `react` return when their result is stored. After a lost
      connection they are sent again with the same `request_id`, so they are carried out once.
    - Iterating gives each stored event once, by ascending sequence. After a lost connection the
      stream resumes after the last event received. The results of these four methods are not
      given as events.
    - The other methods are separate calls with the same token. They have a deadline of 10
      seconds, and raise `Unreachable` if the server does not answer.
    - While the program is slow to iterate, the client stops reading, and the server keeps the
      events. If the program never iterates, or waits for a `send`, the client continues to read: it
      discards events beyond its buffer, and reads them again from the server's log once there is
      space. Events that are not stored (`presence`, `typing`) may be missing then.
    - Requests are written at the rate that the server allows (`limits`): a program that sends more
      waits longer in each call, and is not refused. If several clients share a token, requests that
      the server refuses for their rate are written again.
    - A conversation is with a number. Once the client has seen the number of a name, `send` uses
      the number, and raises `UserChanged` if the name of a conversation has passed to another user.
    - If the stream ends and reconnecting cannot help, iterating and each `send` raise `Refused`.

    Belongs to the event loop on which it is entered, once. Any task of that loop may `send`; one
    task at a time iterates.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        name: str = "",
        token: str | None = None,
        renew_token: Callable[[str], Awaitable[str]] | None = None,
        position: Position | None = None,
        resume_file: str | os.PathLike[str] | None = None,
        device_id: str | None = None,
        agent: str = f"chat-grpc-python/{__version__}",
        connect_timeout: float | None = 10.0,
        wait: bool = False,
        on_state: Callable[[ConnectionState], None] | None = None,
        backoff: Backoff | None = None,
        tls: Tls | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """`server` is `HOST`, `HOST:PORT`, `[IPV6]:PORT`, `https://HOST:PORT` or `unix:PATH`.

        See `Options` for the others. Raises `InvalidAddress`, a `ValueError`.
        """
        self._server = endpoint(server, tls, channel_options)
        self._connect_timeout = connect_timeout
        self._session = Session(
            name=name, token=token or "", device_id=device_id or uuid.uuid4().hex, agent=agent
        )
        self._inbox = self._session.inbox
        if position is not None:
            self._inbox.start_at(position)
        self._caller = Caller(self._server, lambda: self.token, wait=True)
        self._link = Link(
            self._server,
            self._session,
            backoff=backoff or Backoff(),
            wait=wait,
            renew_token=renew_token,
            on_state=on_state,
            on_welcome=self._on_welcome,
        )
        self._file = ResumeFile(resume_file, str(self._server), name) if resume_file else None
        self._given = (token, device_id, position)
        self._keeper: Keeper | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._welcomed: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Unpack[Options]) -> Self:
        """Return a client that connects when it is entered."""
        return cls(server, **options)

    async def __aenter__(self) -> Self:
        """Connect. Raises `NoServer`, `Unreachable`, `Refused`, or if a file cannot be used.

        Raises `RuntimeError` if the client was entered before.
        """
        if self._welcomed is not None:
            raise RuntimeError("Use each client in one `async with`; create a new client.")
        self._welcomed = asyncio.get_running_loop().create_future()
        try:
            await self._recall()
            if self._closing is not None:
                raise Closed("The client is closed.")
            if self._keeper is not None:
                self._keeping = asyncio.create_task(self._keeper.run(), name="chat-client-keeper")
            self._task = asyncio.create_task(self._run(), name="chat-client")
            async with asyncio.timeout(self._connect_timeout):
                await asyncio.shield(self._welcomed)
            if self._keeper is not None:
                await self._keeper.save()
        except TimeoutError:
            await self.close()
            raise self._too_late() from None
        except BaseException:
            await self.close()
            raise
        return self

    def _too_late(self) -> ChatError:
        last = self._link.last_error
        if last is not None:
            return last
        return Unreachable(
            f"{self._server} did not answer within {self._connect_timeout:g} seconds."
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the stream. Waiting calls raise `Closed`; iterating ends. Idempotent.

        The next client that resumes at `position` gets the events that were not taken. If this
        call is cancelled, closing continues.
        """
        try:
            self._end(Closed("The client is closed."), discard=True)
        finally:  # even if the program's `on_state` raises
            if self._closing is None:
                self._closing = asyncio.create_task(self._close(), name="chat-client-closing")
            await asyncio.shield(self._closing)

    async def _close(self) -> None:
        tasks = [task for task in (self._task, self._keeping) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A finished task keeps the frames of its end, and with them gRPC's call and connection.
        self._task = self._keeping = None
        tasks.clear()
        await self._caller.close()
        if self._keeper is not None:
            await self._keeper.try_to_save()

    # ------------------------------------------------------------ state

    @property
    def state(self) -> ConnectionState:
        """The state of the connection."""
        return self._link.state

    @property
    def me(self) -> chat_pb2.Client:
        """The client itself, from the last `welcome`."""
        return self._session.me

    @property
    def token(self) -> str:
        """The token of the user. A guest who keeps it is the same guest again."""
        return self._session.token

    @property
    def limits(self) -> chat_pb2.Limits:
        """The server's limits, from the last `welcome`."""
        return self._session.limits

    @property
    def delay(self) -> float:
        """Seconds until the client writes its next request, to keep to the server's rate.

        0.0 if it writes at once.
        """
        return self._session.outgoing.pace.delay

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
        """The recovery of the newest stream, which may be ahead of the events that were taken."""
        return self._session.recovery

    @property
    def position(self) -> Position:
        """The position after the last event that the program took, for another client to resume.

        A program that stores it after it has handled that event loses no event: its next start gets
        all later events, and after a crash that one event again.
        """
        return self._inbox.position

    async def save(self) -> None:
        """Write the `resume_file` now; every event that was taken counts as finished.

        Returns when it is on the disk. Raises `ResumeFileUnusable`, or `RuntimeError` if there is
        no `resume_file`.
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
        # Written before the server creates a guest whose token could not be kept.
        await self._keeper.save()

    def _kept(self) -> Kept:
        session = self._session
        return Kept(session.guest_token, session.device_id, self._inbox.handled)

    # ------------------------------------------------------------- requests

    async def send(
        self, text: str, to: To = None, *, reply_to: int = 0, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Send a message; return when it is stored.

        `to` is a client's number, a user's name, a `#room`, or None for everyone. Messages are
        stored in the order of the calls. Raises `Refused` (`UserChanged` if somebody else has the
        name of a conversation), `Closed`, or `Unreachable` if no answer came for a day. A cancelled
        call may have sent the message, or may still send it; to find out, call again with the same
        `request_id` and `to`.
        """
        users, unanswered = self._session.users, self._session.outgoing.unanswered
        if request_id is None:
            to = users.write_to(to)
        elif request_id not in unanswered.request_ids and isinstance(to, str):
            # Not the number: a retry after a restart may not know it.
            users.check(to)
        try:
            return await self._ask(make_send(text, to, reply_to, request_id))
        except UserChanged as error:
            users.changed(error)
            raise

    async def edit(
        self, sequence: int, text: str, *, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Replace the text of one of the user's own messages; otherwise like `send`."""
        return await self._ask(make_edit(sequence, text, request_id))

    async def delete(self, sequence: int, *, request_id: str | None = None) -> chat_pb2.Sent:
        """Delete one of the user's own messages, or any as a moderator; otherwise like `send`."""
        return await self._ask(make_delete(sequence, request_id))

    async def react(
        self, sequence: int, emoji: str, *, remove: bool = False, request_id: str | None = None
    ) -> chat_pb2.Sent:
        """Add a reaction to a message, or with `remove` remove it; otherwise like `send`."""
        return await self._ask(make_react(sequence, emoji, request_id, remove=remove))

    async def mark_read(self, sequence: int, to: To = None) -> None:
        """Move the user's read marker of a conversation to a sequence; it never moves back.

        `to` is as in `send`. Returns at once: the server does not answer, but sends `read_marker`
        to all streams of the user, including this one. The newest marker of each conversation is
        sent again after a lost connection. Raises `Closed`, or the error that ended the stream.
        """
        mark = chat_pb2.MarkRead(target=self._target(to), sequence=sequence_of(sequence))
        if not self._inbox.in_old_log:
            self._session.outgoing.mark(mark)

    async def typing(self, to: To = None) -> None:
        """Tell the others that the user is typing; dropped if the stream is not ready for it."""
        self._session.outgoing.pass_on(chat_pb2.SetTyping(target=self._target(to)))

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """List the connected clients, as in `ChatCalls`."""
        found = await super().clients(room)
        for client in found:
            self._session.users.saw(client.name, client.number)
        return found

    def _target(self, to: To) -> chat_pb2.Target:
        if isinstance(to, str) and not to.startswith("#"):
            return target(self._session.users.number_of(to) or to)
        return target(to)

    def _check_name(self, user: str) -> None:
        self._session.users.check(user)

    async def _ask(self, request: Request) -> chat_pb2.Sent:
        check_size(request, self.limits)
        # The sequence belongs to the log whose events the program is still taking.
        if of_log(request) and self._inbox.in_old_log:
            raise other_log()
        return await self._session.outgoing.ask(request)

    # --------------------------------------------------------------- events

    def __aiter__(self) -> Self:
        """Iterate over the events, except answers to own requests and heartbeats.

        Raises `Refused` if the stream ends and reconnecting cannot help. One task at a time
        iterates; `RuntimeError` for another.
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
            await self._link.run()
        except ChatError as error:
            self._end(error)
        except asyncio.CancelledError:
            self._end(Closed("The task of the client was cancelled."))
            raise
        except Exception as error:
            self._end(ChatError(f"The client failed: {error!r}"))
            raise

    def _on_welcome(self) -> None:
        if self._keeper is not None:
            self._keeper.ask()
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_result(None)

    def _end(self, error: ChatError, *, discard: bool = False) -> None:
        if self.state is ConnectionState.CLOSED:
            return
        self._session.outgoing.fail(error)
        self._inbox.end(error, discard=discard)
        if self._keeper is not None and isinstance(error, Refused) and error.reason == "REPLACED":
            self._keeper.stop("the client that took over keeps its position there")
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_exception(error)
            self._welcomed.exception()  # marks it as retrieved: __aenter__ may have given up
        self._link.set_state(ConnectionState.CLOSED)
