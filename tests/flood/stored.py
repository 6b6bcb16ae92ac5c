"""The growth of a store during attacks, and the growth that the limits allow."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flood.good import Crowd
from server.accounts import operator

from chat_grpc.core import limits
from chat_grpc.core.quotas import Quota

ENTRY_BYTES = 512
"""Bytes of a stored event in all files, without its text: rows, indexes, checksums."""

TEXT_BYTES = 4
"""Bytes of the files for each byte of a text of different words: the log, and the word index."""

LATE = 20
"""Events of earlier attackers that are stored later, for example their last read markers."""


class Stored:
    """Checks the events of each attack, and adds up the bytes that they may take.

    The attackers have the default limits of a user.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._erased = 0.0
        """Events of erased messages that may still be stored, in the background."""
        self.most_bytes = 0.0
        """Bytes by which the files may grow."""

    async def _head(self) -> int:
        async with operator(self._folder) as local:
            return (await local.server_status()).head_sequence

    @asynccontextmanager
    async def within_the_limits(
        self, name: str, good: Crowd, *, texts: bool, erased: int
    ) -> AsyncIterator[None]:
        """Check that an attack stores no more events than the limits of a user allow.

        `texts` says that they may have texts. `erased` is the number of earlier messages that the
        attack lets the server erase: each took one of the limit when it was sent.
        """
        quota, begin = Quota(), time.monotonic()
        head, stored = await self._head(), good.stored
        self._erased += erased
        yield
        grown, mine = await self._head() - head, len(good.sent) - stored
        seconds = time.monotonic() - begin
        allowed = quota.message_burst + quota.messages_per_second * seconds + LATE
        self._erased -= max(0.0, grown - mine - allowed)
        assert self._erased >= 0.0, f"{name} stored {grown - mine} events in {seconds:.1f} s"
        self.most_bytes += ENTRY_BYTES * (mine + allowed + erased)
        if texts:
            size = quota.byte_burst + quota.bytes_per_second * seconds + limits.MAX_TEXT_BYTES
            self.most_bytes += TEXT_BYTES * size
