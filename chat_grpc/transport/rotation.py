"""The rotation of certificates: their files are read again when they change, or on request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from chat_grpc.core.supervision import Supervisor
from chat_grpc.transport.identity import Identity, IdentityError, IdentityFiles, read_identity

_LOG = logging.getLogger("chat_grpc.transport")

LOOK_EVERY = 2.0
"""Seconds between two looks at the files."""


class Rotation:
    """Gives a transport the newest usable certificate. Belongs to the event loop.

    New connections get the new certificate; open ones keep the old one. A pair that cannot be used
    is only logged, and the old one stays in use.
    """

    def __init__(
        self, files: IdentityFiles, present: Identity, use: Callable[[Identity], None]
    ) -> None:
        """`use` is called with each certificate that follows the present one."""
        self._files = files
        self._used = present.stamps
        """The stamps of the files when they were read last."""
        self._use = use
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, supervisor: Supervisor) -> None:
        """Begin to look at the files."""
        self._task = supervisor.start(self._watch(), name="certificates")

    async def stop(self) -> None:
        """Stop looking at the files."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def read_again(self) -> None:
        """Read the files soon, whether they have changed or not."""
        self._asked.set()

    async def _watch(self) -> None:
        seen = self._used
        while True:
            asked = await self._pause()
            stamps = await asyncio.to_thread(self._files.stamps)
            # Programs replace the files one after the other: wait until all stay the same.
            if asked or stamps == seen != self._used:
                self._used = stamps
                await self._read()
            seen = stamps

    async def _pause(self) -> bool:
        """Wait until the next look; return True if the files must be read."""
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _read(self) -> None:
        try:
            identity = await asyncio.to_thread(read_identity, self._files)
        except IdentityError as error:
            _LOG.warning("TLS: the old certificate stays in use: %s", error)
            return
        self._use(identity)
        _LOG.info("TLS: new connections get the certificate in %s", self._files.certificate)
