"""What the tests of a loaded server share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

STATUS_TASK = "_AioCall._handle_status_once_received"


@pytest.fixture
async def no_debug() -> None:
    """Takes asyncio's debug mode away: under load it takes most of the time."""
    asyncio.get_running_loop().set_debug(False)


@pytest.fixture(autouse=True)
async def no_task_left(no_task_left: None) -> AsyncIterator[None]:
    """Ends the tasks that gRPC leaves behind, before the tests of all look at what is left.

    Where a write meets the end of a stream that has events unread, gRPC takes the call for done:
    it cannot be cancelled any more, and its status is waited for without an end.
    """
    assert no_task_left is None  # it ends behind this one
    yield
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == STATUS_TASK:
            task.cancel()
