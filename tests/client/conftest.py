"""The server of most tests of the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from client.scripted import Scripted, scripted


@pytest.fixture
async def script() -> AsyncIterator[Scripted]:
    """A server that does what the test says."""
    async with scripted() as started:
        yield started
