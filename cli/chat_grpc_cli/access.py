"""The server and the user of a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import grpc

from chat_grpc import __version__
from chat_grpc.client import (
    ChatCalls,
    ChatClient,
    ConnectionState,
    NoServer,
    Position,
    Refused,
    Tls,
    TlsFailed,
)
from chat_grpc.client.backoff import Backoff
from chat_grpc_cli.identity import Tokens, default_name

_T = TypeVar("_T")

CONNECT_TIMEOUT = 10.0
"""Seconds that the first connection may take without `--wait`."""


@dataclass(frozen=True, slots=True)
class Access:
    """The options that all client commands share."""

    server: str
    name: str | None = None
    """The name of the guest; None for the default name."""
    remembered: str = field(default="", kw_only=True)
    """The name that the first start of `connect` remembered for this server."""
    wait: bool = False
    """Wait for a server that does not answer. Otherwise a refused connection fails at once."""
    tls: Tls | None = None
    """The files of TLS; None without any."""
    certified: bool = False
    """True if the client's certificate signs in as `name`: no token is needed."""

    @property
    def guest(self) -> str:
        """The name of the guest."""
        return self.name or self.remembered or default_name()

    def calls(self, token: str = "") -> ChatCalls:
        """Return a client for unary calls."""
        return ChatCalls(self.server, token=token, tls=self.tls)

    def client(
        self,
        token: str,
        *,
        position: Position | None = None,
        resume_file: Path | None = None,
        agent: str = f"chat-grpc-cli/{__version__}",
        on_state: Callable[[ConnectionState], None] | None = None,
    ) -> ChatClient:
        """Return a client that holds a stream as the guest, whose `token` is from `token()`."""
        return ChatClient.connect(
            self.server,
            name=self.guest,
            token=token,
            renew_token=self.token,
            position=position,
            resume_file=resume_file,
            agent=agent,
            on_state=on_state,
            wait=self.wait,
            tls=self.tls,
            connect_timeout=None if self.wait else CONNECT_TIMEOUT,
        )

    def stored_token(self) -> str:
        """Return the guest's stored token, or an empty one. Blocks on the disk."""
        if self.certified:
            return ""
        return Tokens().get(self.server, self.guest)

    def keep_token(self, token: str) -> None:
        """Store the guest's token; an empty one forgets it. Blocks on the disk.

        The stream of a certificate has no token: it does not make the stored one forgotten.
        """
        if token or not self.certified:
            Tokens().put(self.server, self.guest, token)

    async def token(self, refused: str = "") -> str:
        """Return the guest's token: the stored one, or that of a new guest, which is then stored.

        Empty if a certificate signs in. `refused` is a token that the server does not know: it lost
        its store, or the token expired.
        """
        if self.certified:
            return ""

        async def sign_in() -> str:
            async with self.calls() as calls:
                return (await calls.sign_in(self.guest)).token

        return await self._reach(
            lambda: Tokens().sign_in(self.server, self.guest, sign_in, refused)
        )

    async def as_guest(self, action: Callable[[ChatCalls], Awaitable[_T]]) -> _T:
        """Make calls as the guest: with the stored token, or as a new guest of that name."""
        async with self.calls(await self.token()) as calls:
            try:
                return await self._reach(lambda: action(calls))
            except Refused as error:
                if not error.token_unknown:
                    raise
                calls.token = await self.token(calls.token)
                return await action(calls)

    async def as_known(self, action: Callable[[ChatCalls], Awaitable[_T]]) -> _T:
        """Make calls with the certificate or the stored token. Raises `Refused` without either."""
        token = await asyncio.to_thread(self.stored_token)
        if not token and not self.certified:
            raise Refused(
                grpc.StatusCode.UNAUTHENTICATED,
                "NOT_SIGNED_IN",
                f"No token of {self.guest} for {self.server} is stored;"
                f" sign in first: chat-grpc login --server {self.server} --name {self.guest}",
            )
        async with self.calls(token) as calls:
            return await self._reach(lambda: action(calls))

    async def _reach(self, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Make an attempt; with `wait`, repeat it until a server answers or TLS fails.

        An attempt that raises `NoServer` has sent no request.
        """
        backoff = Backoff()
        while True:
            try:
                return await attempt()
            except NoServer as error:
                if not self.wait or isinstance(error, TlsFailed):
                    raise
            await backoff.wait()
