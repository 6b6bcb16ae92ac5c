"""Connections of an attacker that do not speak HTTP/2."""

from __future__ import annotations

import asyncio

from flood.calls import connected_socket

_AT_ONCE = 50


async def answers_to(port: int, sent: bytes, times: int) -> list[bytes]:
    """Connect a number of times, and send some bytes; return the beginning of each answer.

    Without bytes, connect and leave. An answer is empty if the server closed the connection.
    """
    limit = asyncio.Semaphore(_AT_ONCE)

    async def answer() -> bytes:
        async with limit:
            return await _answer(port, sent)

    return await asyncio.gather(*(answer() for _ in range(times)))


async def _answer(port: int, sent: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    with await connected_socket(port) as bad:
        try:
            await loop.sock_sendall(bad, sent)
            return await loop.sock_recv(bad, 64) if sent else b""
        except ConnectionError:
            return b""
