"""The pytest plugin: the fixture `chat_server`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_grpc.testing.chat_server import ChatServer


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """A chat server on a free port of 127.0.0.1, with a store of its own for each test."""
    with ChatServer() as server:
        yield server
