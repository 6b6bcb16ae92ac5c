"""The rotation of certificates: their files are read again when they change, or on request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from chat_grpc.core.supervision import Supervisor
from chat_grpc.transport.identity import Identity, IdentityError, IdentityFiles, read_identity

_LOG = logging.getLogger("chat_grpc.transport")

LOOK_EVERY = 2.0
"""Seconds between two looks at the files."""

_DAY = 86400
WARN_BEFORE = 14 * _DAY
"""Seconds before the end of a certificate from which the log warns of it, once a day."""


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
        self.expire_time = present.expire_time
        """The time when the certificate in use expires, in seconds since 1970."""
        self._warned = 0.0
        """The time of the last warning, in seconds since 1970."""
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, supervisor: Supervisor) -> None:
        """Begin to look at the files."""
        self._warn()
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
            self._warn()

    def _warn(self) -> None:
        """Log once a day that the certificate expires soon, or has expired."""
        now = time.time()
        if self.expire_time - now <= WARN_BEFORE and now - self._warned >= _DAY:
            self._warned = now
            _LOG.warning("TLS: %s %s", self._files.certificate, expiry_words(self.expire_time, now))

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
        self.expire_time, self._warned = identity.expire_time, 0.0
        _LOG.info("TLS: new connections get the certificate in %s", self._files.certificate)


def expiry_words(expire_time: int, now: float) -> str:
    """Return when a certificate expires, and the cure; both times in seconds since 1970."""
    moment = datetime.fromtimestamp(expire_time, UTC).strftime("%Y-%m-%d %H:%M UTC")
    days = int((expire_time - now) // _DAY)
    if expire_time <= now:
        return f"expired at {moment}: clients refuse to connect; renew it"
    left = "in less than a day" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"
    return f"expires {left}, at {moment}; renew it"
