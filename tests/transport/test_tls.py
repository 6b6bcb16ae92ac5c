"""TLS on the HTTP/2 transport: handshakes, and the end of connections."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import weakref
from typing import Any, Self

import pytest
from certificates import Certificates
from support import UNIT, eventually
from transport.peer import Client, Service, echo, serving

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import ErrorCode, frame
from chat_grpc.transport.http2.headers import FirstSections
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.protocol import Http2Protocol
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.tls import TlsConnection
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import IdentityFiles, read_identity

EVERY_CIPHER = "ALL:@SECLEVEL=0"
"""OpenSSL allows those of TLS 1.1 only at this level."""


def tls_of(certificates: Certificates) -> ssl.SSLContext:
    """Return the TLS of a server."""
    return read_identity(IdentityFiles(certificates.certificate, certificates.key)).context


class Plain:
    """A connection that only sends what a test says."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def closed(self) -> bool:
        """Wait until the server has closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(self.reader.read(4096), 5 * UNIT):
                pass
        return True


async def answers(client: Client) -> bool:
    """Make a call, and wait for its end."""
    client.open(1)
    client.message(1, b"hello", frames.END_STREAM)
    return await client.status() == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_calls_are_served(certificates: Certificates, version: ssl.TLSVersion) -> None:
    """A client with TLS 1.2 or 1.3 is offered `h2`, and its calls are answered."""
    context = certificates.client()
    context.minimum_version = context.maximum_version = version
    async with (
        serving(echo, tls=tls_of(certificates)) as (service, port, _),
        Client(port, tls=context) as client,
    ):
        assert client.tls.selected_alpn_protocol() == "h2"
        assert client.tls.version() == version.name.replace("_", ".")
        assert await answers(client)
        assert service.calls[0].peer == "127.0.0.1"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_older_versions_are_refused(certificates: Certificates) -> None:
    """A client that speaks at most TLS 1.1 cannot connect."""
    context, tls = certificates.client(), tls_of(certificates)
    context.set_ciphers(EVERY_CIPHER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with serving(echo, tls=tls) as (_, port, _):
        with pytest.raises(ssl.SSLError, match="alert protocol version"):
            await asyncio.open_connection("127.0.0.1", port, ssl=context)
        # The reason is the server's setting: without it the same client connects.
        tls.set_ciphers(EVERY_CIPHER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_1
        async with Client(port, tls=context) as client:
            assert client.tls.version() == "TLSv1.1"


async def test_http_1_by_tls_gets_a_sentence(certificates: Certificates) -> None:
    """A browser or curl without HTTP/2 is told which protocol this is."""
    context = ssl.create_default_context(cadata=certificates.authority.decode())
    async with serving(echo, tls=tls_of(certificates)) as (_, port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"it needs HTTP/2" in await asyncio.wait_for(reader.read(), 5 * UNIT)
        writer.close()


async def test_a_violation_by_tls_ends_with_goaway(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """A peer that violates HTTP/2 gets GOAWAY with the code, and it is no defect of the server."""
    async with (
        serving(echo, tls=tls_of(certificates)) as (_, port, _),
        Client(port, tls=certificates.client()) as client,
    ):
        client.send(frames.frame(frames.PING, 0, 1, b"12345678"))
        await eventually(lambda: client.of(frames.GOAWAY))
        [away] = client.of(frames.GOAWAY)
        assert frames.number_of(away[4:]) == ErrorCode.PROTOCOL_ERROR
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_connections_that_do_not_complete_a_handshake_end(certificates: Certificates) -> None:
    """Silence, plain text, a part of a handshake, and a close end a connection and no other."""
    limits = Limits(handshake=0.3 * UNIT)
    async with (
        serving(echo, limits, tls=tls_of(certificates)) as (_, port, transport),
        Client(port, tls=certificates.client()) as client,
    ):
        for sent in (b"", frames.PREFACE, b"\x16\x03\x01\x02\x00\x01"):
            async with Plain(port) as plain:
                plain.writer.write(sent)
                assert await plain.closed()
        for _ in range(20):
            socket.create_connection(("127.0.0.1", port)).close()
        await eventually(lambda: transport.connections_by_address.total() == 1)
        assert await answers(client)


async def test_handshakes_count_as_connections(certificates: Certificates) -> None:
    """At the maximum, a further connection is closed before its handshake."""
    tls = certificates.client()
    async with serving(echo, connections=3, tls=tls_of(certificates)) as (_, port, transport):
        async with Plain(port), Plain(port), Client(port, tls=tls) as client:
            assert await answers(client)
            assert transport.connections_by_address == {"127.0.0.1": 3}
            with pytest.raises(ConnectionError):
                await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        await eventually(lambda: transport.connections_by_address.total() == 0)
        async with Client(port, tls=tls) as client:
            assert await answers(client)


async def test_the_end_does_not_wait_for_handshakes(certificates: Certificates) -> None:
    """The transport stops at once while a handshake is under way."""
    async with (
        serving(echo, tls=tls_of(certificates)) as (_, port, transport),
        Plain(port) as plain,
    ):
        await eventually(lambda: transport.connections_by_address.total() == 1)
        await asyncio.wait_for(transport.stop(0), 2 * UNIT)
        assert await plain.closed()


async def test_a_peer_that_ignores_the_end_is_cut_off(certificates: Certificates) -> None:
    """A connection that violates the protocol ends, even if its peer does not close it."""
    async with (
        serving(echo, tls=tls_of(certificates)) as (_, port, transport),
        Client(port, tls=certificates.client()) as client,
    ):
        assert await answers(client)
        client.pause()
        client.send(frame(frames.PING, 0, 0, b"short"))
        await eventually(lambda: transport.connections_by_address.total() == 0)
        client.abort()


async def test_a_connection_that_has_ended_is_freed_at_once(certificates: Certificates) -> None:
    """Its memory does not wait for the garbage collector."""
    async with serving(echo, tls=tls_of(certificates)) as (service, port, transport):
        async with Client(port, tls=certificates.client()) as client:
            assert await answers(client)
            connection = weakref.ref(service.calls[0].connection)
            service.calls.clear()
            assert connection() is not None
            gc.disable()
        try:
            await eventually(lambda: transport.connections_by_address.total() == 0)
            await eventually(lambda: connection() is None)
        finally:
            gc.enable()


class Socket(asyncio.Transport):
    """A socket that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reads = True

    def write(self, data: Any) -> None:
        """Keep the bytes."""
        self.written += bytes(data)

    def pause_reading(self) -> None:
        """Note it."""
        self.reads = False

    def resume_reading(self) -> None:
        """Note it."""
        self.reads = True

    def is_closing(self) -> bool:
        """Return False: it stays open."""
        return False


async def test_handshakes_take_turns(certificates: Certificates) -> None:
    """A handshake waits for the next turn if the time of this one is over."""
    now = 0.0
    turns, shared = ReadTurns(lambda: now), set[Any]()
    protocol = Http2Protocol(
        Service(echo), DEFAULT_LIMITS, lambda: now, shared, turns, FirstSections(), NewestFrames()
    )
    connection = TlsConnection(protocol, tls_of(certificates), DEFAULT_LIMITS, shared, turns)
    connection.connection_made(socket_ := Socket())
    sent = ssl.MemoryBIO()
    client = certificates.client().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    assert turns.begin() > 0
    now = 1.0
    connection.data_received(sent.read())
    assert (socket_.written, socket_.reads) == (b"", False)
    await eventually(lambda: socket_.written)
    assert socket_.written.startswith(b"\x16\x03\x03")  # a record of a handshake
    assert socket_.reads
