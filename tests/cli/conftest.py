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


@pytest.fixture(scope="module")
def shared_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Run one server for the tests of a file, which share the tokens of its users."""
    with pytest.MonkeyPatch.context() as patch, serving("--data", ":memory:") as started:
        patch.setenv("CHAT_GRPC_STATE", str(tmp_path_factory.mktemp("state")))
        patch.delenv("CHAT_GRPC_NAME", raising=False)
        yield started
