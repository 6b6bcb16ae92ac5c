"""The thread that writes: it runs one job after the other."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class WriterThread:
    """A thread that runs jobs in the order of their arrival.

    `start`, `put` and `run` belong to the event loop; `on_loop` belongs to the jobs.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="chat-grpc-journal", daemon=True)
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Start the thread; the running loop gets the results."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the jobs that it has, and wait for it."""
        self._jobs.put(None)
        self._thread.join()

    def put(self, job: Callable[[], None]) -> None:
        """Run a job that raises nothing."""
        self._jobs.put(job)

    def run(self, call: Callable[[], _T]) -> asyncio.Future[_T]:
        """Run a function; the future has its result, or raises its error."""
        future: asyncio.Future[_T] = self._loop.create_future()

        def job() -> None:
            try:
                result = call()
            except BaseException as error:  # raised where the future is awaited
                self.on_loop(_set_error, future, error)
            else:
                self.on_loop(_set_result, future, result)

        self._jobs.put(job)
        return future

    def on_loop(self, callback: Callable[..., None], *arguments: object) -> None:
        """Call a function on the event loop, soon."""
        self._loop.call_soon_threadsafe(callback, *arguments)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _set_error(future: asyncio.Future[_T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def _set_result(future: asyncio.Future[_T], result: _T) -> None:
    if not future.done():
        future.set_result(result)
