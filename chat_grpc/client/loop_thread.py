"""A thread with an event loop of its own, which holds one asynchronous client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Generic, TypeVar

from chat_grpc.client.errors import CLOSED, Closed

_T = TypeVar("_T")
_C = TypeVar("_C")


class LoopThread(Generic[_C]):
    """Enters a client in a thread of its own, and runs its coroutines there for other threads.

    Any thread may call `call`, except that of the loop itself. The thread does not keep the
    process alive.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[_C]]) -> None:
        """Enter what `make` returns; return when that is done. Raises what entering raises."""
        self._opened: Future[_C] = Future()
        self._main: Future[asyncio.Task[None]] = Future()
        """The task that holds the client."""
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(
            target=self._run, args=(make,), name="chat-client", daemon=True
        )
        self._thread.start()
        try:
            self.client = self._opened.result()
        except BaseException:  # such as Ctrl-C
            self.stop()
            raise

    def call(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the loop; return its result.

        An exception in this thread, such as `KeyboardInterrupt`, cancels it. Raises `Closed` once
        the thread was stopped, and `RuntimeError` on the thread of the loop.
        """
        try:
            if threading.current_thread() is self._thread:
                raise RuntimeError(
                    "A synchronous client is used on its own thread, where `on_state` and "
                    "`renew_token` run; that would block it for ever."
                )
            # Under the lock, because the loop must not end before it has begun the coroutine.
            with self._lock:
                if self._stopped:
                    raise Closed(CLOSED)
                loop = self._main.result().get_loop()
                running = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except BaseException:
            coroutine.close()
            raise
        try:
            return running.result()
        except CancelledError:  # `stop` cancels what still runs
            raise Closed(CLOSED) from None
        except BaseException:
            running.cancel()
            raise

    def stop(self) -> None:
        """Close the client, and end the thread; return when both are done. Idempotent.

        On the client's own thread it does not wait: the garbage collector may run there.
        """
        main = self._main.result()
        with self._lock:
            if not self._stopped:
                self._stopped = True
                with suppress(RuntimeError):  # the loop has ended, because entering failed
                    main.get_loop().call_soon_threadsafe(main.cancel)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self, make: Callable[[], AbstractAsyncContextManager[_C]]) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._hold(make))

    async def _hold(self, make: Callable[[], AbstractAsyncContextManager[_C]]) -> None:
        main = asyncio.current_task()
        assert main is not None
        self._main.set_result(main)
        try:
            async with make() as client:
                self._opened.set_result(client)
                await main.get_loop().create_future()
        except BaseException as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)
