"""How the commands reach a server, and as whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chat_grpc import __version__
from chat_grpc.client import ChatCalls, ChatClient, ConnectionState, Position, Refused
from chat_grpc_cli.identity import Tokens, default_name

_T = TypeVar("_T")

_WAIT = 30 * 86400.0
"""The deadline of a call that waits for the server, in seconds."""

CONNECT_TIMEOUT = 10.0
"""Seconds that the first connection may take without `--wait`."""


@dataclass(frozen=True, slots=True)
class Access:
    """The options that all client commands share."""

    server: str
    name: str | None = None
    """The name of the guest; None for the default name."""
    wait: bool = False
    """Wait for a server that does not answer. Otherwise a refused connection fails at once."""

    @property
    def guest(self) -> str:
        """The name of the guest."""
        return self.name or default_name()

    def calls(self, token: str = "") -> ChatCalls:
        """Make a client for unary calls."""
        if self.wait:
            return ChatCalls(self.server, token=token, wait=True, timeout=_WAIT)
        return ChatCalls(self.server, token=token)

    def client(
        self,
        *,
        position: Position | None = None,
        resume_file: Path | None = None,
        agent: str = f"chat-grpc-cli/{__version__}",
        on_state: Callable[[ConnectionState], None] | None = None,
    ) -> ChatClient:
        """Make a client that holds a stream as the guest, with the guest's stored token."""
        return ChatClient.connect(
            self.server,
            name=self.guest,
            token=Tokens().get(self.server, self.guest),
            position=position,
            resume_file=resume_file,
            agent=agent,
            on_state=on_state,
            wait=self.wait,
            connect_timeout=None if self.wait else CONNECT_TIMEOUT,
        )

    def keep_token(self, token: str) -> None:
        """Store the guest's token. Blocks on the disk."""
        Tokens().put(self.server, self.guest, token)

    async def as_guest(self, action: Callable[[ChatCalls], Awaitable[_T]]) -> _T:
        """Make calls as the guest: with the stored token, or as a new guest of that name."""
        async with self.calls(Tokens().get(self.server, self.guest)) as calls:
            if not calls.token:
                self.keep_token((await calls.sign_in(self.guest)).token)
            try:
                return await action(calls)
            except Refused as error:
                if not error.token_unknown:
                    raise
                # The server lost its store, or the token expired: sign in as a new guest.
                self.keep_token((await calls.sign_in(self.guest)).token)
                return await action(calls)
