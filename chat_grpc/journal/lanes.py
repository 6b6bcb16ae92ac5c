"""Threads that read a database, with fair shares, a deadline, and cancellation.

A lane has a fixed set of threads, and each thread keeps one connection open for the life of the
store. Reads of different cost use different lanes, so that a cheap read never waits for an
expensive one. Within a lane users take turns.
"""

from __future__ import annotations

import asyncio
import logging
import math
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import apsw

from chat_grpc.core.errors import Draining, QueryTooCostly, TooManyQueries

_T = TypeVar("_T")
_LOG = logging.getLogger("chat_grpc.journal")

Read = Callable[[apsw.Connection], _T]

INTERNAL = 0
"""The user number of reads that the server makes for itself; no share applies to them."""

MAX_WAITING = 10_000
"""Maximum reads that wait in one lane; the next one of a user is refused."""

_AGAIN = 0.02
"""Seconds between two interrupts of one read: SQLite ignores one between two statements."""

_RETRY_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of a lane."""

    name: str
    threads: int
    seconds: float = math.inf
    """The longest time that a read may run."""
    running: int = 1
    """Maximum reads of one user that run at once."""
    admitted: int = 32
    """Maximum reads of one user that run or wait."""


class _Job:
    """One read, from its admission to its result. Belongs to the event loop."""

    __slots__ = ("expired", "future", "given_up", "read", "timer", "user", "worker")

    def __init__(self, read: Read[Any], user: int, future: asyncio.Future[Any]) -> None:
        self.read = read
        self.user = user
        self.future = future
        self.worker: _Worker | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.expired = False
        self.given_up = False


class _Worker:
    """One thread and its connection."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], apsw.Connection],
        done: Callable[[_Worker, _Job, Any, BaseException | None], None],
    ) -> None:
        """`done` is called on the running loop with the outcome of each job."""
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self._done = done
        self._connection: apsw.Connection
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._current: _Job | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.opened: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection is open; raises what opening it raised."""
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._thread.start()

    def put(self, job: _Job) -> None:
        """Run a job next; the worker must be idle."""
        self._jobs.put(job)

    def interrupt(self, job: _Job) -> None:
        """Interrupt the statement that a job runs now, if any."""
        with self._lock:
            if self._current is job:
                self._connection.interrupt()

    async def end(self) -> None:
        """End the thread after its current job, and close the connection."""
        self._jobs.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    def _work(self) -> None:
        tell = self._loop.call_soon_threadsafe
        try:
            self._connection = self._connect()
        except BaseException as error:  # raised where `opened` is awaited
            tell(self.opened.set_exception, error)
            tell(self._ended.set_result, None)
            return
        tell(self.opened.set_result, None)
        while (job := self._jobs.get()) is not None:
            with self._lock:
                self._current = job
            outcome = self._run(job)
            with self._lock:
                self._current = None
            tell(self._done, self, job, *outcome)
            del job, outcome
        try:
            self._connection.close()
        except apsw.Error as error:
            _LOG.warning("a connection closes with an error: %s", error)
        finally:
            tell(self._ended.set_result, None)

    def _run(self, job: _Job) -> tuple[Any, BaseException | None]:
        try:
            if job.given_up:
                raise apsw.InterruptError
            return job.read(self._connection), None
        except BaseException as error:
            if isinstance(error, apsw.Error | UnicodeDecodeError):
                self._settle(error)
            return None, error

    def _settle(self, error: Exception) -> None:
        """End the transaction of a failed read; replace the connection if it may be at fault.

        The old connection stays if a new one cannot be opened, for example because the process
        has no descriptor left.
        """
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, apsw.InterruptError | apsw.BusyError):
                return
            fresh = self._connect()
        except apsw.Error as why:
            _LOG.warning("a connection of a reader is kept after an error: %s", why)
            return
        with self._lock:
            old, self._connection = self._connection, fresh
        old.close()


class Lane:
    """Runs reads on a fixed set of threads, each on a connection that stays open.

    - A read that runs longer than `Rules.seconds` is interrupted and raises `QueryTooCostly`.
    - A read whose awaiting task is cancelled is interrupted, or leaves the queue.
    - Users take turns; a user with `Rules.admitted` reads gets `TooManyQueries`.

    Belongs to the event loop on which `open` was awaited.
    """

    def __init__(self, rules: Rules, connect: Callable[[], apsw.Connection]) -> None:
        """`connect` opens a connection; it is called in a thread and may block."""
        self.rules = rules
        self._connect = connect
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._waiting: dict[int, deque[_Job]] = {}
        self._active: set[_Job] = set()
        self._running: Counter[int] = Counter()
        self._admitted: Counter[int] = Counter()
        self._waiting_count = 0
        self._closing = False
        self._loop: asyncio.AbstractEventLoop

    async def open(self) -> None:
        """Open all connections and start the threads. Raises what `connect` raises."""
        self._loop = asyncio.get_running_loop()
        self._closing = False
        try:
            for number in range(self.rules.threads):
                name = f"chat-grpc-{self.rules.name}-{number}"
                worker = _Worker(name, self._connect, self._finish)
                self._workers.append(worker)
                await asyncio.shield(worker.opened)
                self._idle.append(worker)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Refuse waiting reads, interrupt running ones, and close the connections.

        May be called again if it was cancelled.
        """
        self._closing = True
        for job in [*self._active, *(job for jobs in self._waiting.values() for job in jobs)]:
            if not job.future.done():
                job.future.set_exception(Draining("The server is going away."))
            self._give_up(job)
        while self._active:
            await asyncio.sleep(_AGAIN)
        for worker in self._workers:
            await worker.end()
        self._workers, self._idle = [], []

    @property
    def load(self) -> tuple[int, int]:
        """The number of reads that run, and of those that wait."""
        return len(self._active), self._waiting_count

    async def run(self, read: Read[_T], user: int = INTERNAL) -> _T:
        """Run a read; its result must hold no cursor.

        Raises `TooManyQueries` or `QueryTooCostly`, and what the read raises.
        """
        job = self._admit(read, user)
        try:
            found: _T = await job.future
        except asyncio.CancelledError:
            self._give_up(job)
            raise
        finally:
            job.read = _nothing
        return found

    def _admit(self, read: Read[Any], user: int) -> _Job:
        if self._closing:
            raise Draining("The server is going away.")
        if user != INTERNAL:
            self._check_share(user)
        job = _Job(read, user, self._loop.create_future())
        self._admitted[user] += 1
        self._waiting.setdefault(user, deque()).append(job)
        self._waiting_count += 1
        self._dispatch()
        return job

    def _check_share(self, user: int) -> None:
        most = self.rules.admitted
        if self._admitted[user] >= most:
            raise TooManyQueries(
                f"At most {most} queries of one user are served at once; "
                "try again when one of them has ended.",
                metadata={"max_queries": str(most)},
                retry_after=_RETRY_AFTER,
            )
        if self._waiting_count >= MAX_WAITING:
            raise TooManyQueries(
                f"{MAX_WAITING} queries of all users wait already; try again.",
                metadata={"max_waiting": str(MAX_WAITING)},
                retry_after=_RETRY_AFTER,
            )

    # ------------------------------------------------------------ scheduling

    def _dispatch(self) -> None:
        while self._idle and (job := self._next()) is not None:
            job.worker = self._idle.pop()
            self._active.add(job)
            self._running[job.user] += 1
            if self.rules.seconds < math.inf:
                job.timer = self._loop.call_later(self.rules.seconds, self._expire, job)
            job.worker.put(job)

    def _next(self) -> _Job | None:
        """Take the next read of the first user in turn who may run one more."""
        for user, jobs in self._waiting.items():  # at most `threads` users are passed over
            if user == INTERNAL or self._running[user] < self.rules.running:
                job = jobs.popleft()
                self._waiting_count -= 1
                del self._waiting[user]
                if jobs:
                    self._waiting[user] = jobs  # at the end: the others come first
                return job
        return None

    def _expire(self, job: _Job) -> None:
        job.expired = True
        self._stop(job)

    def _give_up(self, job: _Job) -> None:
        job.given_up = True
        if job.worker is not None:
            self._stop(job)
            return
        jobs = self._waiting.get(job.user)
        if jobs is None or job not in jobs:
            return  # it ended in this turn of the loop
        jobs.remove(job)
        if not jobs:
            del self._waiting[job.user]
        self._waiting_count -= 1
        _less(self._admitted, job.user)

    def _stop(self, job: _Job) -> None:
        """Interrupt a read until it ends."""
        if job.worker is not None:
            job.worker.interrupt(job)
            if job.timer is not None:
                job.timer.cancel()
            job.timer = self._loop.call_later(_AGAIN, self._stop, job)

    # ------------------------------------------------------------ results

    def _finish(self, worker: _Worker, job: _Job, result: Any, error: BaseException | None) -> None:
        job.worker = None
        self._active.discard(job)
        if job.timer is not None:
            job.timer.cancel()
            job.timer = None
        _less(self._running, job.user)
        _less(self._admitted, job.user)
        self._idle.append(worker)
        if not self._closing:
            self._dispatch()
        if job.future.done():
            return
        if job.expired and isinstance(error, apsw.InterruptError):
            error = self._too_costly()
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)

    def _too_costly(self) -> QueryTooCostly:
        return QueryTooCostly(
            f"The query ran longer than {self.rules.seconds:g} seconds; ask for less.",
            metadata={"max_seconds": f"{self.rules.seconds:g}"},
        )


def _less(counts: Counter[int], user: int) -> None:
    counts[user] -= 1
    if not counts[user]:
        del counts[user]


def _nothing(_: apsw.Connection) -> None:
    """Replaces a read that has ended, so that its memory is freed."""
