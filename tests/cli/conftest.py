"""A server for each test at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import Process, serving


@pytest.fixture
def process() -> Iterator[Process]:
    """Run a server for one test: users of another would leave, and scroll the small screen."""
    with serving("--data", ":memory:") as started:
        yield started
