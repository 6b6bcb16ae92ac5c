"""The synchronous SDK: `ChatClient` and `ChatCalls` for programs without asyncio.

    with ChatClient.connect("localhost:50051", name="alice") as chat:
        chat.send("hello")
        for event in chat:
            print(event)

Each client runs the asynchronous one of the same name on a thread of its own. Its methods have the
same arguments, results, errors and promises, and block until the result is there.

Any thread may call the methods; one thread at a time receives events. The callbacks `on_state` and
`renew_token` run on the client's thread, and must not use the client. An exception in a waiting
thread, such as `KeyboardInterrupt` by Ctrl-C, cancels the call.
"""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, Unpack

import chat_grpc.client as asynchronous
from chat_grpc.client.errors import CLOSED, Closed
from chat_grpc.client.inbox import Position
from chat_grpc.client.loop_thread import LoopThread
from chat_grpc.client.options import Options
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.tls import Tls
from chat_grpc.spelling.addresses import DEFAULT_SERVER
from chat_grpc.v1 import chat_pb2

__all__ = ["ChatCalls", "ChatClient", "Pages"]

_T = TypeVar("_T")
_C = TypeVar("_C", asynchronous.ChatClient, asynchronous.ChatCalls)
_P = ParamSpec("_P")


class Pages(Iterator[_T], Generic[_T]):
    """Iterates over the items of a paged list; fetches a page when its items are needed."""

    def __init__(
        self, client: object, thread: LoopThread[Any], pages: asynchronous.Pages[_T]
    ) -> None:
        """`pages` is used on the loop of `thread`, which lives as long as `client`."""
        self._client = client
        self._thread = thread
        self._pages = pages

    def __next__(self) -> _T:
        found = self._thread.call(_next_of(self._pages))
        if not found:
            raise StopIteration
        return found[0]

    def all(self) -> list[_T]:
        """Return the remaining items as a list."""
        return self._thread.call(self._pages.all())


async def _next_of(items: AsyncIterator[_T]) -> list[_T]:
    """Return the next item in a list, which is empty at the end."""
    try:
        return [await anext(items)]
    except StopAsyncIteration:
        return []


class _SyncClient(Generic[_C]):
    """A client on a thread of its own, as a context manager."""

    _thread: LoopThread[_C]

    def __init__(self, make: Callable[[], _C]) -> None:
        self._thread = LoopThread(make)
        # The thread ends with the client, also if the program forgets to close it.
        self._stop: Callable[[], Any] = weakref.finalize(self, self._thread.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the client, and end its thread. Waiting calls raise `Closed`. Idempotent."""
        self._stop()


def _bound(method: Callable[Concatenate[Any, _P], _T], client: Any) -> Callable[_P, _T]:
    """Return the method of the asynchronous client, which may override the given one."""
    bound: Callable[_P, _T] = getattr(client, method.__name__)
    return bound


def _blocking(
    method: Callable[Concatenate[Any, _P], Coroutine[Any, Any, _T]],
) -> Callable[Concatenate[_SyncClient[Any], _P], _T]:
    """Return a method that waits for a coroutine method of the asynchronous client."""

    @functools.wraps(method)
    def call(self: _SyncClient[Any], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return self._thread.call(_bound(method, self._thread.client)(*args, **kwargs))

    return call


def _paged(
    method: Callable[Concatenate[Any, _P], asynchronous.Pages[_T]],
) -> Callable[Concatenate[_SyncClient[Any], _P], Pages[_T]]:
    """Return a method whose pages are fetched by the asynchronous client."""

    @functools.wraps(method)
    def call(self: _SyncClient[Any], /, *args: _P.args, **kwargs: _P.kwargs) -> Pages[_T]:
        async def begin() -> asynchronous.Pages[_T]:
            return _bound(method, self._thread.client)(*args, **kwargs)

        return Pages(self, self._thread, self._thread.call(begin()))

    return call


def _streamed(
    method: Callable[Concatenate[Any, _P], AsyncGenerator[_T, None]],
) -> Callable[Concatenate[_SyncClient[Any], _P], Iterator[_T]]:
    """Return a generator method over the responses of the asynchronous client."""

    @functools.wraps(method)
    def call(self: _SyncClient[Any], /, *args: _P.args, **kwargs: _P.kwargs) -> Iterator[_T]:
        responses = _bound(method, self._thread.client)(*args, **kwargs)

        async def close() -> None:
            await responses.aclose()

        try:
            while found := self._thread.call(_next_of(responses)):
                yield found[0]
        finally:
            with suppress(Closed):  # the end of the client ends the responses
                self._thread.call(close())

    return call


class _Calls(_SyncClient[_C]):
    """The methods that `ChatClient` and `ChatCalls` share."""

    clients = _blocking(asynchronous.ChatCalls.clients)
    history = _paged(asynchronous.ChatCalls.history)
    search = _paged(asynchronous.ChatCalls.search)
    conversations = _paged(asynchronous.ChatCalls.conversations)
    rooms = _blocking(asynchronous.ChatCalls.rooms)
    create_room = _blocking(asynchronous.ChatCalls.create_room)
    update_room = _blocking(asynchronous.ChatCalls.update_room)
    delete_room = _blocking(asynchronous.ChatCalls.delete_room)
    join = _blocking(asynchronous.ChatCalls.join)
    leave = _blocking(asynchronous.ChatCalls.leave)
    invite = _blocking(asynchronous.ChatCalls.invite)
    members = _blocking(asynchronous.ChatCalls.members)
    set_role = _blocking(asynchronous.ChatCalls.set_role)
    block = _blocking(asynchronous.ChatCalls.block)
    unblock = _blocking(asynchronous.ChatCalls.unblock)
    blocked = _blocking(asynchronous.ChatCalls.blocked)
    kick = _blocking(asynchronous.ChatCalls.kick)
    ban = _blocking(asynchronous.ChatCalls.ban)
    ban_network = _blocking(asynchronous.ChatCalls.ban_network)
    unban = _blocking(asynchronous.ChatCalls.unban)
    find_ban = _blocking(asynchronous.ChatCalls.find_ban)
    bans = _paged(asynchronous.ChatCalls.bans)
    mute = _blocking(asynchronous.ChatCalls.mute)
    unmute = _blocking(asynchronous.ChatCalls.unmute)
    mutes = _paged(asynchronous.ChatCalls.mutes)
    audit_events = _paged(asynchronous.ChatCalls.audit_events)


class ChatClient(_Calls[asynchronous.ChatClient]):
    """A stream to the chat that reconnects by itself; see the asynchronous `ChatClient`."""

    send = _blocking(asynchronous.ChatClient.send)
    reply = _blocking(asynchronous.ChatClient.reply)
    edit = _blocking(asynchronous.ChatClient.edit)
    delete = _blocking(asynchronous.ChatClient.delete)
    react = _blocking(asynchronous.ChatClient.react)
    mark_read = _blocking(asynchronous.ChatClient.mark_read)
    typing = _blocking(asynchronous.ChatClient.typing)
    save = _blocking(asynchronous.ChatClient.save)

    def __init__(self, server: str = DEFAULT_SERVER, **options: Unpack[Options]) -> None:
        """Connect; return once connected. Raises as `async with` of the asynchronous client."""
        super().__init__(lambda: asynchronous.ChatClient.connect(server, **options))
        self._client = self._thread.client
        self._taken: deque[chat_pb2.Event] = deque()
        """Events that were taken for a call of `receive` that an exception has ended."""

    @classmethod
    def connect(cls, server: str = DEFAULT_SERVER, **options: Unpack[Options]) -> Self:
        """Return a connected client, for a `with` block or until `close`.

        `options` are those of the asynchronous client. Raises `NoServer`, `Unreachable`, `Refused`,
        or another `ChatError` if a file cannot be used.
        """
        return cls(server, **options)

    def receive(self, timeout: float | None = None) -> chat_pb2.Event:
        """Wait for the next event, at most `timeout` seconds; None sets no bound.

        An event counts as handled when the next one is asked for. Raises `TimeoutError`, `Closed`
        after `close`, and `Refused` if the stream ends and reconnecting cannot help.
        """
        if not self._taken:
            self._thread.call(self._take(timeout))
        return self._taken.popleft()

    async def _take(self, timeout: float | None) -> None:
        async with asyncio.timeout(timeout):
            try:
                event = await anext(self._client)
            except StopAsyncIteration:
                raise Closed(CLOSED) from None
        self._taken.append(event)

    def events(self, timeout: float | None = None) -> Iterator[chat_pb2.Event]:
        """Iterate over the events until none came for `timeout` seconds, or the client is closed.

        A later iteration continues after the last event. Raises `Refused` if the stream ends and
        reconnecting cannot help.
        """
        while True:
            try:
                event = self.receive(timeout)
            except (TimeoutError, Closed):
                return
            yield event

    def __iter__(self) -> Iterator[chat_pb2.Event]:
        return self.events()

    @property
    def state(self) -> ConnectionState:
        """The state of the connection."""
        return self._client.state

    @property
    def me(self) -> chat_pb2.Client:
        """The client itself, from the last `welcome`."""
        return self._client.me

    @property
    def token(self) -> str:
        """The token of the user. A guest who keeps it is the same guest again."""
        return self._client.token

    @property
    def limits(self) -> chat_pb2.Limits:
        """The server's limits, from the last `welcome`."""
        return self._client.limits

    @property
    def delay(self) -> float:
        """Seconds until the client writes its next request, to keep to the server's rate."""
        return self._client.delay

    @property
    def server_version(self) -> str:
        """The version of the server."""
        return self._client.server_version

    @property
    def node(self) -> str:
        """The name of the server's node."""
        return self._client.node

    @property
    def recovery(self) -> chat_pb2.Recovery.ValueType:
        """The recovery of the newest stream, which may be ahead of the events that were taken."""
        return self._client.recovery

    @property
    def position(self) -> Position:
        """The position after the last event that the program took, for another client to resume."""
        return self._client.position


class ChatCalls(_Calls[asynchronous.ChatCalls]):
    """The unary methods of the chat, over one connection; see the asynchronous `ChatCalls`."""

    send_to = _blocking(asynchronous.ChatCalls.send_to)
    sign_in = _blocking(asynchronous.ChatCalls.sign_in)
    sign_in_options = _blocking(asynchronous.ChatCalls.sign_in_options)
    sign_in_with_id_token = _blocking(asynchronous.ChatCalls.sign_in_with_id_token)
    start_device_sign_in = _blocking(asynchronous.ChatCalls.start_device_sign_in)
    finish_device_sign_in = _blocking(asynchronous.ChatCalls.finish_device_sign_in)
    register = _blocking(asynchronous.ChatCalls.register)
    sign_out = _blocking(asynchronous.ChatCalls.sign_out)
    change_password = _blocking(asynchronous.ChatCalls.change_password)
    create_bot_token = _blocking(asynchronous.ChatCalls.create_bot_token)
    tokens = _paged(asynchronous.ChatCalls.tokens)
    revoke_token = _blocking(asynchronous.ChatCalls.revoke_token)
    export_data = _streamed(asynchronous.ChatCalls.export_data)
    delete_account = _blocking(asynchronous.ChatCalls.delete_account)
    create_user = _blocking(asynchronous.ChatCalls.create_user)
    users = _paged(asynchronous.ChatCalls.users)
    remove_user = _blocking(asynchronous.ChatCalls.remove_user)
    set_user_password = _blocking(asynchronous.ChatCalls.set_user_password)
    set_user_admin = _blocking(asynchronous.ChatCalls.set_user_admin)
    create_invite = _blocking(asynchronous.ChatCalls.create_invite)
    invites = _paged(asynchronous.ChatCalls.invites)
    revoke_invite = _blocking(asynchronous.ChatCalls.revoke_invite)
    server_status = _blocking(asynchronous.ChatCalls.server_status)
    streams = _blocking(asynchronous.ChatCalls.streams)
    explain = _blocking(asynchronous.ChatCalls.explain)
    drain = _blocking(asynchronous.ChatCalls.drain)
    backup = _streamed(asynchronous.ChatCalls.backup)

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        wait: bool = False,
        tls: Tls | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """The arguments are those of the asynchronous `ChatCalls`."""
        super().__init__(
            lambda: asynchronous.ChatCalls(
                server,
                token=token,
                timeout=timeout,
                wait=wait,
                tls=tls,
                channel_options=channel_options,
            )
        )
        self.server = self._thread.client.server
        """The address of the server."""

    @property
    def token(self) -> str:
        """The token that identifies the caller; `sign_in` sets it."""
        return self._thread.client.token
