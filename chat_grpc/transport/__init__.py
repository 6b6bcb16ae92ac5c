"""Transports: they carry bytes between peers and the application, and do nothing else."""

from __future__ import annotations

from typing import Final, Protocol

from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport.identity import Identity

UNLIMITED: Final = 1_000_000
"""Maximum number of connections that a server admits."""

REFUSE_WITHIN: Final = 0.1
"""Seconds that an early refusal waits for the first request of its call.

The client of grpcio loses the status if the call ends while it writes.
"""


class Transport(Protocol):
    """Serves the calls of a dispatcher. Belongs to the event loop."""

    async def start(self, host: str, port: int, supervisor: Supervisor = UNSUPERVISED) -> int:
        """Listen, and return the port. Raises `OSError` if the address cannot be bound.

        `localhost` stands for the loopback addresses of IPv4 and, if there is one, of IPv6.
        """

    def use(self, identity: Identity) -> None:
        """Give new connections another certificate. The transport must serve TLS already."""

    @property
    def connection_count(self) -> int | None:
        """The number of open connections; None if the transport does not count them."""

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end the open ones after `grace` seconds."""
