"""A server and Chromium for each test; one worker runs them all, so one Chromium runs at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser.chromium import chromium
from browser.site import Site, site_at
from playwright.async_api import Browser

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder into one group of xdist."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A server with guests, on which everyone may register."""
    async with site_at(tmp_path / "data", "--accounts", "open") as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    async with chromium() as running:
        yield running
