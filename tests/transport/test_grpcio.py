"""The transport over grpcio's server."""

from __future__ import annotations

import asyncio

from support import eventually, serving
from transport.faults import request
from transport.player import Headers, Player, Script


async def test_a_server_that_grpc_stops_does_not_stay_deaf() -> None:
    """A path that is not UTF-8 stops grpcio's server: the process must end, or serve calls."""
    call = Headers(1, [(n, b"/\xff" if n == b":path" else v) for n, v in request()], end=True)
    with serving("--transport", "grpcio", "--data", ":memory:") as server:
        async with Player(server.port) as player:
            outcome = await player.play(Script([call]))
        if outcome.connection == "open":
            async with Player(server.port) as player:
                assert (await player.play(Script([]))).connection == "open"
        else:
            await eventually(lambda: not server.running)
            assert await asyncio.to_thread(server.wait) == 70
            assert "grpcio's server" in server.log()
