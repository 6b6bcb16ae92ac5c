"""Connections of trusted proxies that speak the PROXY protocol."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
from certificates import Certificates
from support import eventually, running
from transport.peer import Client, Service, echo, serving
from transport.test_tls import tls_of

from chat_grpc.config import Config
from chat_grpc.core.networks import Networks
from chat_grpc.option_values import ConfigError
from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.refusals import Refusals

CLIENT = b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n"
LOCAL = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
LOOPBACK = Networks(("127.0.0.1",))


@asynccontextmanager
async def proxied(**options: Any) -> AsyncIterator[tuple[Service, int, Counter[str]]]:
    """Run a transport that trusts this machine as a proxy; provide its counter of refusals."""
    refused = Counter[str]()
    count = Refusals(lambda name: refused.update((name,)))
    options = dict[str, Any](proxies=LOOPBACK, refusals=count) | options
    async with serving(echo, **options) as (service, port, _):
        yield service, port, refused


async def admitted(port: int, address: str) -> bool:
    """Connect through a proxy from an address; return False if the connection is closed."""
    header = f"PROXY TCP4 {address} 198.51.100.1 4711 443\r\n".encode()
    async with Client(port, first=header) as client:
        await eventually(lambda: client.closed or client.of(frames.SETTINGS))
        return not client.closed


@pytest.mark.parametrize(("header", "peer"), [(CLIENT, "192.0.2.7"), (LOCAL, "127.0.0.1")])
@pytest.mark.parametrize("secured", [False, True])
async def test_a_connection_has_the_address_of_its_header(
    certificates: Certificates, header: bytes, peer: str, *, secured: bool
) -> None:
    """With TLS the header comes before the handshake. LOCAL is the proxy's own connection."""
    asked: list[str] = []
    tls = {"tls": tls_of(certificates)} if secured else {}

    def admit(address: str) -> bool:
        asked.append(address)
        return True

    async with (
        proxied(admits=admit, **tls) as (service, port, _),
        Client(port, first=header, tls=certificates.client() if secured else None) as client,
    ):
        client.open(1)
        client.message(1, b"hello", flags=1)
        assert await client.status(1) == 0
        assert [call.peer for call in service.calls] == [peer]
        assert asked == [peer]


async def test_a_header_may_come_in_pieces() -> None:
    """Bytes behind the header, in the same piece, belong to the client."""
    greeting = frames.PREFACE + frames.settings_frame([])
    async with proxied() as (_, port, refused):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (CLIENT[:20], CLIENT[20:] + greeting[:10], greeting[10:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert (await reader.read(9))[3] == frames.SETTINGS
        writer.close()
        assert not refused


@pytest.mark.parametrize("first", [b"", b"\x16\x03\x01\x02\x00", b"PROXY TCP4 1.2.3 4\r\n"])
async def test_a_proxy_without_a_valid_header_is_cut_off(
    first: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection is closed without an answer; it counts, and one line a second is logged."""
    caplog.set_level(logging.INFO, "chat_grpc.transport")
    async with proxied() as (service, port, refused):
        for _ in range(5):
            async with Client(port, first=first) as client:
                await eventually(partial(getattr, client, "closed"))
        assert refused == {"proxy_headers": 5}
        assert service.calls == []
    assert len(caplog.records) == 1
    assert "connection of 127.0.0.1 refused: The" in caplog.text


async def test_a_header_must_come_in_time() -> None:
    """A proxy that sends nothing is cut off, and does not count as open afterwards."""
    limits = Limits(proxy_header=0.2)
    async with proxied(limits=limits) as (_, port, refused):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()
        assert refused == {"proxy_headers": 1}


async def test_other_peers_send_no_header() -> None:
    """A peer that is no trusted proxy cannot choose its address; it is served without a header."""
    async with proxied(proxies=Networks(("192.0.2.1",))) as (service, port, refused):
        async with Client(port, first=CLIENT) as forger:
            await eventually(lambda: forger.closed)
        async with Client(port) as client:
            client.open(1)
            client.message(1, b"hello", flags=1)
            assert await client.status(1) == 0
        assert [call.peer for call in service.calls] == ["127.0.0.1"]
        assert refused == {"protocol_errors": 1}


async def test_the_address_of_the_header_counts_for_the_limits() -> None:
    """Clients behind one proxy have limits of their own."""
    options = {
        "transport": "http2",
        "trusted_proxy": ("127.0.0.1",),
        "proxy_protocol": True,
        "connects_per_second": 0.1,  # twice as many connections: 2 at once
    }
    async with running(**options) as server:
        results = [await admitted(server.port, "192.0.2.7") for _ in range(3)]
        assert results == [True, True, False]
        assert await admitted(server.port, "192.0.2.8")
        assert server.status().refusals == {"connects_per_second": 1}


def test_the_option_needs_a_proxy_and_the_own_transport() -> None:
    """The errors name the options and the cure."""
    with pytest.raises(ConfigError, match="proxy-protocol needs trusted-proxy"):
        Config(proxy_protocol=True)
    with pytest.raises(ConfigError, match="proxy-protocol needs the transport http2"):
        Config(proxy_protocol=True, trusted_proxy=("10.0.0.0/8",), transport="grpcio")
