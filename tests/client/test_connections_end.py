"""Connections to the server end with the stream, without a garbage collection."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import grpc
import psutil
import pytest
from client.scripted import Scripted, live, meeting, status
from support import eventually

from chat_grpc.v1 import chat_pb2


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Turn the garbage collector off."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def connections(script: Scripted) -> int:
    """Return the number of connections of this process to a server."""
    return sum(
        1
        for each in psutil.Process().net_connections("tcp")
        if each.raddr and each.raddr.port == script.port and each.status == "ESTABLISHED"
    )


async def test_closing(script: Scripted) -> None:
    """A closed client has no connection, even while the program keeps a reference to it."""
    async with meeting(script) as (chat, _):
        await live(chat)
        assert connections(script) == 1
    await eventually(lambda: connections(script) == 0)
    assert chat.me.number == 1


@pytest.mark.parametrize("how", ["go_away", "status"])
async def test_coming_back(script: Scripted, how: str) -> None:
    """A client that reconnected has closed its old connection."""
    async with meeting(script) as (chat, visit):
        await live(chat)
        for _ in range(3):
            if how == "go_away":
                await visit.tell(chat_pb2.Event(go_away=chat_pb2.GoAway()))
            else:
                visit.end(status(grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_FULL"))
            visit = await script.visit()
            await visit.resumed()
            await live(chat)
        await eventually(lambda: connections(script) == 1)
