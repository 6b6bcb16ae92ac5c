"""Values that are fetched from the issuer, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from chat_grpc.core.errors import IssuerUnavailable

_T = TypeVar("_T")


class Cached(Generic[_T]):
    """A value of the issuer. Belongs to the event loop.

    All callers that wait share one fetch, which goes on if one of them is cancelled. After a fetch,
    also one that failed, there is none for `pause` seconds, unless the value expires.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[_T]],
        clock: Callable[[], float],
        *,
        lifetime: float,
        pause: float,
    ) -> None:
        """`clock` returns monotonic seconds."""
        self._fetch = fetch
        self._clock = clock
        self._lifetime = lifetime
        self._pause = pause
        self._kept: tuple[_T, float] | None = None
        """The value, and the time of its fetch."""
        self._failed: tuple[IssuerUnavailable, float] | None = None
        """The error of the last fetch, and its time; None if it succeeded."""
        self._fetching: asyncio.Task[None] | None = None

    async def get(self) -> _T:
        """Return the value, which is fetched if it is not known or has expired.

        Raises `IssuerUnavailable`. An expired value is not used, whatever happens.
        """
        if self._kept is not None and self._clock() < self._kept[1] + self._lifetime:
            return self._kept[0]
        return await self._fetched()

    async def newer(self) -> _T | None:
        """Fetch the value again; return None if the last fetch is too recent.

        Raises `IssuerUnavailable`.
        """
        recent = self._kept is not None and self._clock() < self._kept[1] + self._pause
        return None if recent and self._fetching is None else await self._fetched()

    async def _fetched(self) -> _T:
        """Join the running fetch, or start one."""
        if self._fetching is None:
            if self._failed is not None and self._clock() < self._failed[1] + self._pause:
                raise _again(self._failed[0])
            self._fetching = asyncio.create_task(self._run(), name="fetch from the issuer")
        await asyncio.shield(self._fetching)
        if self._failed is not None:
            raise _again(self._failed[0])
        assert self._kept is not None
        return self._kept[0]

    async def _run(self) -> None:
        try:
            self._kept = (await self._fetch(), self._clock())
            self._failed = None
        except IssuerUnavailable as error:
            self._failed = (error, self._clock())
        finally:
            self._fetching = None

    async def close(self) -> None:
        """End a fetch that runs."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)


def _again(error: IssuerUnavailable) -> IssuerUnavailable:
    """Return an error with a traceback of its own."""
    return IssuerUnavailable(error.message, metadata=error.metadata, retry_after=error.retry_after)
