"""Fixtures for tests of a loaded server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

STATUS_TASK = "_AioCall._handle_status_once_received"


@pytest.fixture(autouse=True)
async def no_task_left(no_task_left: None) -> AsyncIterator[None]:
    """Cancel the tasks that gRPC leaves running, before the check for leaked tasks.

    If a write coincides with the end of a stream that has unread events, gRPC takes the call for
    done: it cannot be canceled, and a task waits for its status forever.
    """
    assert no_task_left is None  # this fixture must end after that one
    yield
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == STATUS_TASK:
            task.cancel()
