"""The process of a server: its event loop, its signals, its limits, and its exit status."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import dataclasses
import logging
import sys
import threading

import structlog

from chat_grpc import telemetry
from chat_grpc.config import Config
from chat_grpc.descriptors import capacity
from chat_grpc.greeting import greet
from chat_grpc.journal import JournalError
from chat_grpc.listeners import ListenError
from chat_grpc.log_output import StandardError, open_missing_streams
from chat_grpc.option_values import ConfigError
from chat_grpc.server import Server
from chat_grpc.signals import EndRequests, Terminal
from chat_grpc.supervisor import DEFECT, Supervisor
from chat_grpc.watchdog import Watchdog

try:
    import uvloop
except ImportError:  # no wheel for this platform
    uvloop = None  # type: ignore[assignment]

_LOG = structlog.stdlib.get_logger("chat_grpc")

END_WITHIN = 15.0
"""Seconds, on top of `Config.drain`, after which a process that does not end is killed."""


CALLS_END_WITHIN = 1.0
"""Seconds that calls, other than streams, have to end after a drain."""

_SWITCH_INTERVAL = 0.0005
"""Seconds for which the event loop may keep the interpreter's lock while another thread waits.

The thread that commits takes the lock a few times for each transaction. With the default of 5 ms
every message would wait for a busy loop that long, each time.
"""


def serve_forever(config: Config) -> int:
    """Serve until the process is asked to end; return its exit status.

    The status is 0 after a signal and after a drain, `STORE_FAILED` or `DEFECT` after a failure.
    The process has `END_WITHIN` seconds more to exit then. Raises `ConfigError`, `JournalError` or
    `ListenError` if the server cannot start.
    """
    open_missing_streams()
    stderr = telemetry.configure(config)
    # Not earlier: Python's own messages at the end of a process must not block it, either.
    atexit.register(stderr.close)
    allowed = capacity(config)
    config = dataclasses.replace(config, max_streams=allowed.streams)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    loop = uvloop.new_event_loop if uvloop is not None else None
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(_serve(config, allowed.connections, stderr))
    except (ConfigError, JournalError, ListenError):
        raise
    except Exception:
        _LOG.critical("unexpected error", exc_info=True)
        return DEFECT


async def _serve(config: Config, connections: int, stderr: StandardError) -> int:
    server = Server(
        config, connections=connections, words=not telemetry.writes_json(config, stderr)
    )
    requests = EndRequests(Terminal((0, 1, stderr.descriptor)), reload=server.reload)
    _supervise_process(server.supervisor)
    asked = asyncio.create_task(requests.first())
    starting = asyncio.create_task(server.start())
    await asyncio.wait({asked, starting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        Watchdog(END_WITHIN, flush=stderr.close)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        _LOG.info("ended before it had started", reason=asked.result())
        return 0
    await starting
    greet(server)
    failed = asyncio.create_task(server.supervisor.failed())
    drained = asyncio.create_task(server.drained())
    await asyncio.wait({asked, failed, drained}, return_when=asyncio.FIRST_COMPLETED)
    failed.cancel()
    drained.cancel()
    Watchdog(config.drain + END_WITHIN, flush=stderr.close)
    if (failure := server.supervisor.failure) is not None:
        asked.cancel()
        _LOG.error("ending", reason=failure.reason)
        await server.stop(grace=0)
    elif asked.done():
        _tell_end(server, asked.result())
        await server.stop()
    else:
        asked.cancel()
        _LOG.info("ending", reason="drained", streams=server.stream_count)
        await server.stop(grace=min(CALLS_END_WITHIN, config.drain))
    failure = server.supervisor.failure
    status = failure.status if failure is not None else 0
    _LOG.info("ended", status=status)
    return status


def _supervise_process(supervisor: Supervisor) -> None:
    """Let errors that nothing else handles, on the loop and in threads, fail the server."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(supervisor.on_loop_error)

    def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
        name = arguments.thread.name if arguments.thread is not None else "a thread"
        logging.getLogger("chat_grpc").error(
            "unexpected error in %s", name, exc_info=arguments.exc_value
        )
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends anyway
            loop.call_soon_threadsafe(supervisor.fail, f"unexpected error in {name}", DEFECT)

    threading.excepthook = on_thread_error


def _tell_end(server: Server, reason: str) -> None:
    streams, drain = server.stream_count, server.config.drain
    _LOG.info("ending", reason=reason, streams=streams)
    if streams and drain:
        again = "Ctrl-C again" if reason == "SIGINT" else "a second SIGTERM"
        _LOG.info(
            f"waiting up to {drain:g} s for {streams} stream{'s' if streams > 1 else ''} to leave;"
            f" {again} ends at once"
        )
