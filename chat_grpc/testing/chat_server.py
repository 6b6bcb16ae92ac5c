"""A chat server in a process of its own, on a free port, with a temporary store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
_START_WITHIN = 30.0
"""Seconds that a server may take until it listens."""

_STOP_WITHIN = 20.0
"""Seconds that a server may take to stop; then it is killed."""

_POLL = 0.01


class ServerFailed(Exception):
    """The server ended, or does not listen in time; the text ends with its log."""


class ChatServer:
    """A real server on 127.0.0.1. It has no page for browsers, and admits guests.

    A context manager that starts and stops it. `stop`, `kill` and `start` keep the store and the
    port, so a test can see what a client does when the server goes away and comes back. Any thread
    may use it; its methods block.
    """

    def __init__(
        self, options: Sequence[str] = (), *, data: str | os.PathLike[str] | None = None
    ) -> None:
        """`options` are those of `chat-grpc serve`, such as `["--guests", "off"]`.

        `data` is the folder of the store; by default a temporary one, which `close` removes.
        """
        self._options = list(options)
        self._temporary = tempfile.TemporaryDirectory(prefix="chat-grpc-") if data is None else None
        self.data = Path(self._temporary.name if self._temporary else os.fspath(data or ""))
        """The folder of the store."""
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The address for clients, `127.0.0.1:PORT`. Raises `RuntimeError` before the first start.

        It stays the same over restarts.
        """
        if not self._port:
            raise RuntimeError("The server was not started: use it as a context manager.")
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start the server; return when it listens. Raises `ServerFailed`; no effect if it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.data.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - the interpreter that runs the tests
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
            )
        self._port = self._listening_port()

    def stop(self) -> None:
        """End the server in order, as SIGTERM does; return when it has ended."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server at once, as a crash does; return when it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Stop the server, and start it with the same store and port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop the server, and remove its temporary store. Idempotent."""
        self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    def log(self) -> str:
        """Return the log of the server, over all its starts."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.data / "server.log"

    def _command(self) -> list[str]:
        listen = f"127.0.0.1:{self._port}"
        return [
            *(sys.executable, "-m", "chat_grpc", "serve", "--data", str(self.data / "store")),
            *("--listen", listen, "--web-listen", "off", *self._options),
        ]

    def _listening_port(self) -> int:
        """Wait until the server listens; return its port. Raises `ServerFailed`."""
        assert self._process is not None
        end = time.monotonic() + _START_WITHIN
        while True:
            ended = self._process.poll() is not None
            log = self._log_path.read_bytes()[self._log_start :].decode(errors="replace")
            if found := _LISTENING.search(log):
                return int(found[1])
            if ended:
                status = self._process.returncode
                raise ServerFailed(f"The server ended with status {status}:\n{log}")
            if time.monotonic() > end:
                self.kill()
                raise ServerFailed(f"The server did not listen in {_START_WITHIN:g} s:\n{log}")
            time.sleep(_POLL)


def _environment() -> dict[str, str]:
    """Return the environment without settings of the user's own server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHAT_GRPC_")}
