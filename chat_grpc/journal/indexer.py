"""Keeps the word index near the head of the log, and answers searches from it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import apsw

from chat_grpc.core.errors import ChatError, Draining, IndexNotReady
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.journal import search, word_index
from chat_grpc.journal.database import DAMAGED, is_full, open_reader
from chat_grpc.journal.lanes import Lane, Rules
from chat_grpc.journal.reader import PAGES, Reader
from chat_grpc.journal.search import Hits

_LOG = logging.getLogger("chat_grpc.journal")

STEP = 1.0
"""Seconds between two checks of the head of the log."""

SEARCH_WAIT = 5.0
"""Seconds that a search waits for the index to reach the head of the log."""

SEARCH_SECONDS = 0.5
"""Seconds of searching after which a page ends early."""

_BUSY_EVENTS = 500
"""More events than this in a step count as load, and the index pauses."""

_MAX_LAG = 50_000
"""Maximum events that the index lags under load: less than `SEARCH_WAIT` of indexing."""

_RETRY_AFTER = 1.0
_MAX_PAUSE = 60.0
"""Maximum seconds between two attempts to rebuild an index."""

_WRITER = Rules("index", threads=1)
_SEARCHES = Rules("search", threads=2, seconds=2.0, running=1, admitted=4)

_MAX_REST = 0.05


class Indexer:
    """Follows the log with the word index, and rebuilds the index if it is damaged.

    - Indexing takes small chunks of the log, in a thread and a file of its own: it delays no
      commit, and its errors fail none.
    - `find` sees every event up to the log's head at its call, or raises `IndexNotReady`.
    - One user runs one search at a time; see `Lane` for deadlines and cancellation.

    Belongs to the event loop.
    """

    def __init__(
        self,
        path: Path | None,
        reader: Reader,
        *,
        head: Callable[[], int],
        oldest: Callable[[], int],
        vfs: str | None = None,
    ) -> None:
        """`path` is the index's file; None keeps the index in memory.

        `head` and `oldest` return the log's newest sequence, and the oldest that is kept.
        """
        self._path = path
        self._vfs = vfs
        self._reader = reader
        self._head = head
        self._oldest = oldest
        self._log_id = ""
        self._lanes: list[Lane] = []
        """The lane that writes, and the lane that searches, which may be the same."""
        self.position = 0
        """Every event up to this sequence is in the index."""
        self._is_open = False
        self._seen = 0
        self._pruned = 0
        self._removed = False
        self._pause = STEP
        self._fault: Exception | None = None
        """An error of a search after which the index is rebuilt."""
        self._closing = False
        self._goals: list[tuple[int, asyncio.Future[None]]] = []
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def load(self) -> tuple[int, int]:
        """The number of searches that run, and of those that wait."""
        return self._lanes[-1].load if self._lanes else (0, 0)

    # ------------------------------------------------------------ life

    async def open(self, log_id: str, supervisor: Supervisor = UNSUPERVISED) -> None:
        """Start to follow a log; the index itself is opened, or made, in the background."""
        self._log_id = log_id
        self._seen = self._head()
        self._task = supervisor.start(self._run(), name="word index")

    async def close(self) -> None:
        """Interrupt searches and close the index."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._shut()

    async def _run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                if self._fault is not None:
                    raise self._fault
                if not self._is_open:
                    await self._open_index()
                await self.round()
                self._pause = STEP
            except ChatError as error:  # for example, the log cannot be read now
                _LOG.warning("the word index waits: %s", error)
            except Exception as error:  # searches are refused, and everything else continues
                await self._repair(error)
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._woken.wait()

    async def _open_index(self, *, fresh: bool = False) -> None:
        """Open the index; rebuild it if it does not belong to this log.

        Raises `apsw.Error` or `OSError`.
        """
        connect = partial(word_index.open_index, self._path, fresh=fresh, vfs=self._vfs)
        await self._shut()
        await self._open_lane(_WRITER, connect)
        at = await self._lanes[0].run(partial(word_index.begin, log_id=self._log_id))
        if at is None or not await self._reader.run(partial(word_index.follows, at=at)):
            _LOG.info("rebuilding the word index: it does not belong to this log")
            await self._open_index(fresh=True)
            return
        if self._path is not None:
            await self._open_lane(
                _SEARCHES, partial(open_reader, self._path, "state", vfs=self._vfs)
            )
        self.position = at.sequence
        self._is_open = True

    async def _open_lane(self, rules: Rules, connect: Callable[[], apsw.Connection]) -> None:
        lane = Lane(rules, connect)
        await lane.open()
        self._lanes.append(lane)

    async def _shut(self) -> None:
        self._is_open = False
        while self._lanes:
            await self._lanes[-1].close()
            self._lanes.pop()

    async def _repair(self, error: Exception) -> None:
        """Wait if the disk is full or locked; otherwise rebuild the index, later each time."""
        self._fault = None
        if is_full(error) or isinstance(error, apsw.BusyError):
            _LOG.warning("the word index waits: %s", error)
            return
        _LOG.error("the word index failed and is rebuilt: %r", error, exc_info=error)
        self.position = self._pruned = 0
        try:
            await self._open_index(fresh=True)
        except (apsw.Error, OSError, ChatError) as why:
            _LOG.error("the word index cannot be built: %s", why)
            self._pause = min(self._pause * 2, _MAX_PAUSE)

    # ------------------------------------------------------------ following the log

    async def round(self) -> None:
        """Index new events, and drop events that are no longer kept.

        Raises `apsw.Error`, and the errors of reading the log.
        """
        self._reached()
        head = self._head()
        busy = head - self._seen > _BUSY_EVENTS
        self._seen = head
        await self._advance(head - _MAX_LAG if busy else head)
        oldest = self._oldest()
        while self._pruned < oldest and await self._lanes[0].run(
            partial(word_index.prune, before=oldest)
        ):
            self._removed = True
        self._pruned = oldest
        if self._removed and self._path is not None:
            self._removed = not await self._lanes[0].run(word_index.empty_log)

    async def _advance(self, up_to: int) -> None:
        """Index up to a sequence; if a search waits, only up to the sequence that it needs."""
        while self.position < max(up_to, *(goal for goal, _ in self._goals), 0):
            begin = time.monotonic()
            read = partial(word_index.next_chunk, after=self.position)
            chunk = await self._reader.run(read, PAGES)
            if chunk.last <= self.position:
                return
            self._removed |= await self._lanes[0].run(partial(word_index.take, chunk=chunk))
            self.position = chunk.last
            self._reached()
            if not self._goals:  # no search waits: leave half of the time to other work
                await asyncio.sleep(min(time.monotonic() - begin, _MAX_REST))

    def _reached(self) -> None:
        """Resume the searches whose sequence is indexed."""
        for goal, future in self._goals:
            if self._is_open and goal <= self.position and not future.done():
                future.set_result(None)
        self._goals = [(goal, future) for goal, future in self._goals if not future.done()]

    async def reach(self, sequence: int, within: float | None) -> None:
        """Wait until the index has all events up to one; None waits without a limit.

        Raises `IndexNotReady` after `within` seconds.
        """
        if self._is_open and self.position >= sequence:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._goals.append((sequence, future))
        self._woken.set()
        try:
            async with asyncio.timeout(within):
                await future
        except TimeoutError:
            left = max(sequence - self.position, 0)
            raise IndexNotReady(
                f"The word index has {left} events to read before it can answer; try again.",
                metadata={"events_left": str(left)},
                retry_after=_RETRY_AFTER,
            ) from None

    # ------------------------------------------------------------ searching

    async def find(
        self, match: str, places: Sequence[str], *, before: int, limit: int, user: int
    ) -> Hits:
        """Find the newest messages before a sequence that match; see `search.find`.

        Raises `IndexNotReady`, `TooManyQueries` or `QueryTooCostly`.
        """
        await self.reach(self._head(), SEARCH_WAIT)
        read = partial(
            search.find,
            match=match,
            places=places,
            before=before,
            limit=limit,
            seconds=SEARCH_SECONDS,
        )
        try:
            return await self._lanes[-1].run(read, user)
        except (apsw.Error, *DAMAGED) as error:
            _LOG.error("a search failed: %s", error)
            self._fault = error
            self._is_open = False
            self._woken.set()
            raise _not_ready() from error
        except Draining:
            if self._closing:
                raise
            raise _not_ready() from None


def _not_ready() -> IndexNotReady:
    return IndexNotReady(
        "The word index is being rebuilt; try again later.", retry_after=_RETRY_AFTER
    )
