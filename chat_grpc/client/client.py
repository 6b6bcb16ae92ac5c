"""The client that stays connected."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

from chat_grpc import __version__
from chat_grpc.client.admin import AdminCalls
from chat_grpc.client.backoff import Backoff
from chat_grpc.client.caller import Caller
from chat_grpc.client.channel import endpoint
from chat_grpc.client.errors import (
    CLOSED,
    ChatError,
    Closed,
    Refused,
    Unreachable,
    refused,
)
from chat_grpc.client.home_loop import HomeLoop
from chat_grpc.client.inbox import Position
from chat_grpc.client.link import Link
from chat_grpc.client.options import Options
from chat_grpc.client.resume_file import Keeper, Kept, ResumeFile
from chat_grpc.client.session import Session
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.stream_requests import StreamRequests
from chat_grpc.client.tls import Tls
from chat_grpc.spelling.addresses import DEFAULT_SERVER
from chat_grpc.v1 import chat_pb2

_ONCE = "A client connects once. Use each client in one `async with`; create a new client."


class ChatClient(StreamRequests, AdminCalls):
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

    `async with` and `await` connect it, once; before that its methods raise `RuntimeError`. It
    belongs to the event loop on which it connects. Any task of that loop may `send`; one task at a
    time iterates.
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
        self._caller = Caller(self._server, lambda: self.token, wait=True, check=self._check)
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
        self._is_new_guest = not token and renew_token is None
        self._keeper: Keeper | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._welcomed: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._home = HomeLoop()
        self._entered = False
        """True once `async with` has entered the client, or `await` has connected it for that."""

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Unpack[Options]) -> Self:
        """Return a client that connects by `async with`, or by `await`.

        After `await ChatClient.connect(…)` call `close` in the end, or use `async with` on the
        result, which then only closes it.
        """
        return cls(server, **options)

    def __await__(self) -> Generator[Any, None, Self]:
        """Connect, and return the client. Raises as `async with` does."""
        return self._connect().__await__()

    async def __aenter__(self) -> Self:
        """Connect, unless `await` did. Raises `NoServer`, `Unreachable` or `Refused`.

        Raises another `ChatError` if a file cannot be used, and `RuntimeError` if the client was
        entered before.
        """
        if self._entered:
            raise RuntimeError(_ONCE)
        self._entered = True
        if self._welcomed is None:
            return await self._connect()
        self._check()
        if self.state is ConnectionState.CLOSED:
            raise Closed(CLOSED)
        return self

    async def _connect(self) -> Self:
        if self._welcomed is not None:
            raise RuntimeError(_ONCE)
        self._home.check()
        self._welcomed = asyncio.get_running_loop().create_future()
        try:
            await self._recall()
            if self._closing is not None:
                raise Closed(CLOSED)
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

    def _check(self) -> None:
        """Raise `RuntimeError` if the client is not connected, or belongs to another loop."""
        if self._welcomed is None and self._closing is None:
            raise RuntimeError(
                "The client is not connected. Use `async with ChatClient.connect(…) as chat:`, or "
                "`chat = await ChatClient.connect(…)`."
            )
        self._home.check()

    async def close(self) -> None:
        """End the stream. Waiting calls raise `Closed`; iterating ends. Idempotent.

        The next client that resumes at `position` gets the events that were not taken. If this
        call is cancelled, closing continues.
        """
        self._home.check()
        try:
            self._end(Closed(CLOSED), discard=True)
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

    # ------------------------------------------------------------ the resume file

    async def save(self) -> None:
        """Write the `resume_file` now; every event that was taken and is not held is finished.

        Returns when it is on the disk. Raises `ResumeFileUnusable`, or `RuntimeError` if there is
        no `resume_file`.
        """
        if self._keeper is None:
            raise RuntimeError("The client has no resume_file, or is not connected.")
        self._home.check()
        self._inbox.handle()
        await self._keeper.save()

    def hold(self) -> Callable[[], None]:
        """Keep the event at hand unfinished until the returned function is called.

        For programs that handle events in tasks: the `resume_file` stays before the oldest event
        that is held, so that no event is lost in a crash. The function may be called more than
        once. Raises `RuntimeError` if no event is at hand.
        """
        self._check()
        release = self._inbox.hold()

        def finished() -> None:
            release()
            if self._keeper is not None:
                self._keeper.ask()

        return finished

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

    # --------------------------------------------------------------- events

    def __aiter__(self) -> Self:
        """Iterate over the events, except answers to own requests and heartbeats.

        Raises `Refused` if the stream ends and reconnecting cannot help. One task at a time
        iterates; `RuntimeError` for another.
        """
        return self

    async def __anext__(self) -> chat_pb2.Event:
        self._check()
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
            self._end(self._with_cure(error))
        except asyncio.CancelledError:
            self._end(Closed("The task of the client was cancelled."))
            raise
        except Exception as error:
            self._end(ChatError(f"The client failed: {error!r}"))
            raise

    def _with_cure(self, error: ChatError) -> ChatError:
        """Return the refusal of a taken name with what gives a program its name again."""
        if not isinstance(error, Refused) or error.reason != "NAME_TAKEN":
            return error
        if error.metadata.get("account") or not self._is_new_guest:
            return error
        cure = "with the option resume_file the next start is the same guest at once"
        if self._file is not None:
            cure = f"that run did not keep its guest in {self._file.path}"
        if error.retry_after:
            cure += f"; without that, wait {error.retry_after:.0f} seconds"
        told = refused(
            error.code,
            error.reason,
            f"{error.message} If another run of this program had the name: {cure}.",
            error.metadata,
            error.retry_after,
        )
        told.grpc_error = error.grpc_error
        return told

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
            # Without its traceback: the frames of the background task help nobody.
            self._welcomed.set_exception(error.with_traceback(None))
            self._welcomed.exception()  # marks it as retrieved: __aenter__ may have given up
        self._link.set_state(ConnectionState.CLOSED)
