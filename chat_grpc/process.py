"""The process of a server: its event loop, its signals, its limits, and its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

import structlog

from chat_grpc import __version__, telemetry
from chat_grpc.config import Config
from chat_grpc.log_output import open_missing_streams
from chat_grpc.server import Server

try:
    import uvloop
except ImportError:  # no wheel for this platform
    uvloop = None  # type: ignore[assignment]


def serve_forever(config: Config) -> int:
    """Serve until the process is asked to end; return its exit status.

    Raises `JournalError` or `ListenError` if the server cannot start.
    """
    open_missing_streams()
    stderr = telemetry.configure(config)
    try:
        _raise_descriptor_limit()
        loop = uvloop.new_event_loop if uvloop is not None else None
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(_serve(config, show_rates=stderr.terminal))
    finally:
        stderr.close()


def _raise_descriptor_limit() -> None:
    # Each client is a descriptor; many systems start a process with only 1,024.
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(config: Config, *, show_rates: bool) -> int:
    """Serves until SIGTERM or SIGINT, of which a second one ends at once; gives the exit status."""
    log = structlog.stdlib.get_logger("chat_grpc")
    server = Server(config, show_rates=show_rates)
    await server.start()
    folder = config.folder
    host = config.listen.rpartition(":")[0]
    log.info(
        f"listening on {host}:{server.port}",
        version=__version__,
        data=str(folder) if folder is not None else "nothing is kept",
        node=config.node_name,
    )
    if not config.loopback:
        log.warning("this address is open to the network, unencrypted, and guests are admitted")
    asked = asyncio.Event()
    _on_signals(asked.set)
    failed = asyncio.create_task(server.failed.wait())
    ended = asyncio.create_task(asked.wait())
    await asyncio.wait({failed, ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in (failed, ended):
        task.cancel()
    if server.failed.is_set():
        log.error("the store failed: ending, so that nothing is acknowledged that is not kept")
    else:
        log.info("going away", streams=server.stream_count)
    # Who waits for a store that failed waits for nothing.
    await server.stop(grace=0 if server.failed.is_set() else None)
    log.info("ended")
    return 1 if server.failed.is_set() else 0


def _on_signals(ask: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    asked: list[signal.Signals] = []

    def on_signal(which: signal.Signals) -> None:
        if asked:
            # The store survives this like any crash: what was acknowledged is on the disk.
            signal.signal(which, signal.SIG_DFL)
            signal.raise_signal(which)
        asked.append(which)
        ask()

    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, on_signal, which)
