"""Long walks on the event loop, in turns with everything else that runs there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

TURN: Final = 0.002
"""Seconds after which a walk gives the loop back, and continues behind reads and timers."""

_CHECK_EVERY: Final = 16
"""Items between two looks at the clock."""


async def in_turns(items: Iterable[T], clock: Callable[[], float]) -> AsyncIterator[T]:
    """Yield the items; let the event loop run other callbacks after each `TURN`.

    The caller's work on an item counts. `clock` gives seconds that never go back. What the items
    stand for may change between two turns, so the caller checks it for each.
    """
    until = clock() + TURN
    for count, item in enumerate(items, 1):
        yield item
        if count % _CHECK_EVERY == 0 and clock() >= until:
            await asyncio.sleep(0)
            until = clock() + TURN
