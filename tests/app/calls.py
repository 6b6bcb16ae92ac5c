"""A transport of one call whose peer follows a script."""

from __future__ import annotations

import asyncio

from chat_grpc.app.duplex import Metadata


class Call:
    """A `Duplex` with given requests. Its peer reads once `reads` is set."""

    def __init__(
        self, *requests: bytes, metadata: Metadata = (), peer: str = "192.0.2.1", ends: bool = True
    ) -> None:
        """`ends` half-closes the call after its requests; without it the peer stays silent."""
        self.peer = peer
        self.connection = self
        self.certificate_uris: tuple[str, ...] = ()
        self.metadata = metadata
        self.responses: list[bytes] = []
        self.reads = asyncio.Event()
        self.can_shut = True
        """False for a connection with calls of several callers."""
        self.was_shut = False
        self._requests = list(requests)
        self._ends = ends

    @property
    def prompt(self) -> None:
        """See `Duplex.prompt`."""

    @property
    def received(self) -> bool:
        """See `Duplex.received`."""
        return bool(self._requests)

    async def read(self) -> bytes | None:
        """See `Duplex.read`."""
        if self._requests:
            return self._requests.pop(0)
        if not self._ends:
            await asyncio.get_running_loop().create_future()
        return None

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        await self.reads.wait()
        self.responses.append(response)

    def shut(self) -> bool:
        """See `Duplex.shut`."""
        self.was_shut = self.can_shut
        return self.can_shut
