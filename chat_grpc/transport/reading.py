"""The reading of a socket: it pauses while too much waits, and over a rate of received bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Meter = Callable[[int], float]
"""Counts received bytes of a peer; returns the seconds until its sockets may be read again."""

MeterOf = Callable[[str], Meter | None]
"""Returns the meter of a peer's address; None for a peer without a limit."""


def unmetered(_: str) -> None:
    """Return no meter: see `MeterOf`."""


class Reading:
    """Pauses and resumes the reading of one socket. Belongs to the event loop.

    TCP then holds the peer back: nothing is lost or refused.
    """

    def __init__(self, socket: asyncio.ReadTransport, meter: Meter | None) -> None:
        """`meter` counts what is received; None sets no limit."""
        self._socket = socket
        self._meter = meter
        self._full = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        """True while the socket is not read because too much waits."""
        return self._full

    @full.setter
    def full(self, full: bool) -> None:
        if full is not self._full:
            self._full = full
            self._update()

    @property
    def over_rate(self) -> bool:
        """True while the socket is not read because its address sent too much."""
        return self._timer is not None

    def count(self, size: int) -> None:
        """Count received bytes."""
        if self._meter is None or not (wait := self._meter(size)):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait, self._go_on)
        self._update()

    def stop(self) -> None:
        """End, because the socket is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        self._timer = None
        self._update()

    def _update(self) -> None:
        paused = self._full or self._timer is not None
        if paused is self._paused or self._socket.is_closing():
            return
        self._paused = paused
        if paused:
            self._socket.pause_reading()
        else:
            self._socket.resume_reading()
