"""Duplexes: a call as a transport presents it to the application."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol

from chat_grpc.core.delivery import Prompt


class CallEnded(ConnectionError):
    """The peer is gone, and the call with it."""


Metadata = Iterable[tuple[str, str | bytes]]


class Duplex(Protocol):
    """One call: the requests come in and the responses go out as encoded messages.

    Promises of a transport:

    - `read` returns the requests in order, each of at most `limits.MAX_REQUEST_BYTES` bytes. It
      returns None after a half-close, and is cancelled when the peer resets the call.
    - `write` returns when the transport has taken the bytes and has space for more. Until then the
      caller holds them: this is how back-pressure reaches the outbox. At most one `write` is in
      progress at a time.
    - The transport ends the call with the status that `Dispatcher.serve` returns, and cancels the
      task that runs `serve` when the peer is gone.

    Belongs to the event loop.
    """

    @property
    def peer(self) -> str:
        """The peer's address without a port, for example `192.0.2.1`, `2001:db8::1`, `unix`."""

    @property
    def connection(self) -> Hashable:
        """The connection of the call: equal for calls of one connection only."""

    @property
    def certificate_uris(self) -> Sequence[str]:
        """The URIs among the alternative names of the client certificate that was verified.

        Raises `InvalidUserUri` if they cannot be read.
        """

    @property
    def metadata(self) -> Metadata:
        """The call's metadata, with lower-case keys."""

    @property
    def prompt(self) -> Prompt | None:
        """The output of the call, if the transport takes responses at once; None otherwise."""

    @property
    def received(self) -> bool:
        """True if `read` returns a request at once; False if not, or if it is not known."""

    async def read(self) -> bytes | None:
        """Return the next encoded request, or None after a half-close. Raises `CallEnded`."""

    async def write(self, response: bytes) -> None:
        """Write one encoded response. Raises `CallEnded` if the peer is gone."""

    def shut(self) -> bool:
        """Close the connection of a caller who insists, and count it as abuse.

        Return False, and do nothing, if it has calls of other callers, or if the transport cannot.
        """
