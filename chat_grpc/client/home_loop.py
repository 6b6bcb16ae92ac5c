"""The event loop to which a client belongs."""

from __future__ import annotations

import asyncio


class HomeLoop:
    """The event loop on which an object was first used.

    gRPC's objects fail or hang on another loop, so each use is checked.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def check(self) -> None:
        """Note the running loop at the first call. Raises `RuntimeError` on another loop later."""
        running = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = running
        elif self._loop is not running:
            raise RuntimeError(
                "This client belongs to another event loop. Create one client in each "
                "`asyncio.run`; from another thread use `asyncio.run_coroutine_threadsafe`, or "
                "`chat_grpc.client.sync`."
            )
