"""The connection of a client to its server: one stream after another, until the final end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from grpc import aio

from chat_grpc.client.backoff import Backoff
from chat_grpc.client.channel import Endpoint, authorization, error_of, open_channel
from chat_grpc.client.connection import Connection
from chat_grpc.client.errors import (
    ChatError,
    NoServer,
    Refused,
    TlsFailed,
    TlsUnusable,
    Unreachable,
)
from chat_grpc.client.session import Session
from chat_grpc.client.state import ConnectionState
from chat_grpc.v1 import chat_pb2, chat_pb2_grpc


class Link:
    """Keeps a session connected.

    Each stream has a channel of its own: gRPC waits up to 5 seconds before it uses a channel again
    that lost its connection. Belongs to one event loop.
    """

    def __init__(
        self,
        server: Endpoint,
        session: Session,
        *,
        backoff: Backoff,
        wait: bool,
        renew_token: Callable[[str], Awaitable[str]] | None,
        on_state: Callable[[ConnectionState], None] | None,
        on_welcome: Callable[[], None],
    ) -> None:
        """`on_welcome` is called after each `welcome`."""
        self.state = ConnectionState.CONNECTING
        self.last_error: ChatError | None = None
        """The error of the last attempt; None once an attempt succeeded."""
        self._server = server
        self._session = session
        self._backoff = backoff
        self._wait = wait
        self._renew_token = renew_token
        self._on_state = on_state
        self._on_welcome = on_welcome
        self._ever_greeted = False
        self._greeted = False
        """True once the current stream was welcomed."""
        self._reconnect_after = 0.0

    async def run(self) -> None:
        """Open stream after stream. Raises a `ChatError` if reconnecting cannot help."""
        while True:
            self.set_state(ConnectionState.CONNECTING)
            asked = 0.0
            try:
                await self._connection()
            except ChatError as error:
                if not await self._another_attempt(error):
                    raise
                self.last_error = error
                asked = error.retry_after or 0.0
            self.set_state(ConnectionState.WAITING)
            wait = max(asked, self._reconnect_after)
            self._reconnect_after = 0.0
            await self._backoff.wait(wait)

    def set_state(self, state: ConnectionState) -> None:
        """Change the state, and call `on_state`. `CLOSED` is final."""
        if state is not self.state and self.state is not ConnectionState.CLOSED:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)

    async def _another_attempt(self, error: ChatError) -> bool:
        if isinstance(error, NoServer | TlsUnusable) and not self._ever_greeted:
            return self._wait and not isinstance(error, TlsFailed | TlsUnusable)
        if not isinstance(error, Refused) or not error.final:
            return True
        session = self._session
        if not error.token_unknown or self._greeted or not session.token:
            return False
        # The server lost its store, or the token expired.
        if self._renew_token is not None:
            try:
                renewed = await self._renew_token(session.token)
            except Unreachable:
                return True
            if renewed == session.token:
                return False
            session.token = renewed
            return True
        if session.name:
            session.token = ""
            return True
        return False

    async def _connection(self) -> None:
        """Hold one stream until it ends. Raises `Refused` or `Unreachable`."""
        self._greeted = False
        channel = open_channel(self._server)
        try:
            call = chat_pb2_grpc.ChatServiceStub(channel).Connect(
                metadata=authorization(self._session.token)
            )
            try:
                await Connection(call, self._session, self._notified).run()
            except aio.AioRpcError as error:
                raise await error_of(error, channel, self._server) from None
            finally:
                call.cancel()
                del call
        finally:
            await channel.close()
            del channel

    def _notified(self, event: chat_pb2.Event) -> None:
        if event.HasField("welcome"):
            self._greeted = self._ever_greeted = True
            self.last_error = None  # it keeps the frames, and so the connection, of that attempt
            self.set_state(ConnectionState.CATCHING_UP)
            self._on_welcome()
        elif event.HasField("caught_up"):
            self._backoff.reset()
            self.set_state(ConnectionState.LIVE)
        elif event.HasField("go_away"):
            self._reconnect_after = event.go_away.reconnect_after.ToMilliseconds() / 1000
