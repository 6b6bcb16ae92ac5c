"""What the tests of a loaded server share."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
async def no_debug() -> None:
    """Takes asyncio's debug mode away: under load it takes most of the time."""
    asyncio.get_running_loop().set_debug(False)
