"""Streams over WebSockets: close codes, frames, violations, slow readers, drains, many sockets."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from support import LOBBY, UNIT, Recorder, eventually, running
from web.browser import PATH, Browser, browser_at
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from chat_grpc.server import Server
from chat_grpc.transport.web.websocket import binary_frame
from chat_grpc.v1 import chat_pb2


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    """A server with the web transport."""
    async with running(web_listen="127.0.0.1:0") as started:
        yield started


@pytest.fixture
async def browser(web: Server) -> AsyncIterator[Browser]:
    """A browser with the page of the server."""
    async with browser_at(web.web_port) as opened:
        yield opened


def frame(opcode: int, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    """Return one frame of a client."""
    head = bytes([opcode | (0x80 if fin else 0)])
    size, bit = len(data), 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    else:
        head += struct.pack(">BH", bit | 126, size) if size < 65536 else b""
        head += struct.pack(">BQ", bit | 127, size) if size >= 65536 else b""
    return head + (bytes(4) if mask else b"") + data


HELLO = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name="raw")).SerializeToString()


async def raw_socket(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a WebSocket by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    # The example of RFC 6455, section 1.3.
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
    return reader, writer


async def close_code(reader: asyncio.StreamReader) -> int:
    """Return the code in the close frame of the server, which ends the connection."""
    async with asyncio.timeout(20 * UNIT):
        while True:
            opcode, size = await reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack(">H", await reader.readexactly(2))
            data = await reader.readexactly(size)
            if opcode == 0x88:
                return int.from_bytes(data[:2], "big")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_response_is_framed_as_the_library_frames_it(size: int) -> None:
    """The three encodings of a size are those of the library."""
    message = bytes(size)
    assert binary_frame(message) == Frame(Opcode.BINARY, message).serialize(mask=False)


async def test_the_close_code_is_the_status(browser: Browser) -> None:
    """The close code is 4000 and the status of gRPC; the reason begins with the stable one."""
    async with browser.stream() as stream:
        await stream.socket.send(b"")
        assert await stream.closed() == (
            4009,
            "HELLO_REQUIRED: The first request of a stream must be `hello`.",
        )
    async with browser.stream() as stream:
        await stream.send(chat_pb2.ConnectRequest(hello=chat_pb2.Hello(token="none")))
        code, reason = await stream.closed()
        assert code == 4016
        assert reason.startswith("BAD_CREDENTIALS: ")


async def test_a_long_reason_is_cut_between_characters(browser: Browser) -> None:
    """A close frame has space for 123 bytes, which stay valid UTF-8."""
    async with browser.stream() as stream:
        await stream.send(chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name="é\n" * 200)))
        code, reason = await stream.closed()
    assert code == 4003
    assert reason.startswith("NAME_INVALID: ")
    assert len(reason.encode()) <= 123


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(1, b"text"), 1003),
        (frame(2, HELLO, mask=False), 1002),
        (frame(3, b""), 1002),
        (frame(0, b"no beginning"), 1002),
        (frame(9, bytes(126)), 1002),
        (frame(9, b"", fin=False), 1002),
        (frame(2, bytes(65_537)), 1009),
        (frame(2, bytes(40_000), fin=False) + frame(0, bytes(40_000)), 1009),
        (frame(2, b"", fin=False) + frame(0, b"", fin=False) * 2000, 1008),
        (frame(9, b"") * 2000, 1008),
        (frame(10, b"") * 2000, 1008),
        (frame(8, struct.pack(">H", 1000)), 1000),
    ],
)
async def test_violations_end_the_stream(web: Server, sent: bytes, code: int) -> None:
    """A violation of RFC 6455, or a flood of frames without requests, ends the stream."""
    reader, writer = await raw_socket(web.web_port)
    try:
        writer.write(sent)
        assert await close_code(reader) == code
    finally:
        writer.close()
    await eventually(lambda: web.connection_count == 0)


async def test_a_request_in_pieces(web: Server) -> None:
    """A request may come in fragments with pings between them, and its bytes one at a time."""
    reader, writer = await raw_socket(web.web_port)
    parts = frame(2, HELLO[:2], fin=False) + frame(9, b"ping") + frame(0, HELLO[2:])
    try:
        for at in range(len(parts)):
            writer.write(parts[at : at + 1])
            await asyncio.sleep(0)
        async with asyncio.timeout(20 * UNIT):
            assert await reader.readexactly(6) == b"\x8a\x04ping"
            assert (await reader.readexactly(1)) == b"\x82"
        assert web.stream_count == 1
    finally:
        writer.close()
    await eventually(lambda: web.stream_count == 0)


async def test_a_half_open_socket_ends(web: Server) -> None:
    """A peer that answers no ping is gone, and its connection is closed."""
    reader, writer = await raw_socket(web.web_port)
    writer.write(frame(2, HELLO))
    await eventually(lambda: web.stream_count == 1)
    assert web.listeners.web is not None
    (connection,) = web.listeners.web.connections
    now = asyncio.get_running_loop().time()
    connection.check_time(now + 21)
    assert web.stream_count == 1
    connection.check_time(now + 40)
    await eventually(lambda: web.stream_count == 0)
    writer.close()
    assert b"\x89\x00" in await reader.read()


async def test_a_socket_that_never_reads_costs_nobody(web: Server, browser: Browser) -> None:
    """Its events wait in the log; others get theirs, and it gets all once it reads."""
    count, text = 400, "x" * 16_000
    async with (
        browser.stream(max_queue=1) as slow,
        Recorder(web.port, name="alice") as alice,
        Recorder(web.port, name="bob") as bob,
    ):
        await slow.hello(name="slow")
        for _ in range(count):
            await alice.send(text)
        await eventually(lambda: len(bob.texts) == count, 30)
        await eventually(lambda: web.status().lagging_users == ("slow",), 30)
        assert web.status().queued_bytes < 2 * 1024 * 1024
        got: list[int] = []
        while len(got) < count:
            events = (await slow.receive()).events
            got += [event.sequence for event in events if event.message.text]
        assert got == sorted(set(got))


async def test_requests_wait_for_a_stream_that_is_busy(web: Server) -> None:
    """A flood of requests is read no faster than it is carried out."""
    _, writer = await raw_socket(web.web_port)
    typing = chat_pb2.ConnectRequest(
        set_typing=chat_pb2.SetTyping(target=LOBBY)
    ).SerializeToString()
    writer.write(frame(2, HELLO) + frame(2, typing) * 20_000)
    send = chat_pb2.Send(target=LOBBY, text="last", request_id="1")
    writer.write(frame(2, chat_pb2.ConnectRequest(send=send).SerializeToString()))
    async with Recorder(web.port, name="bob") as bob:
        await eventually(lambda: "last" in bob.texts, 30)
    writer.close()


async def test_a_drain_tells_the_page_and_closes(browser: Browser, web: Server) -> None:
    """`go_away` comes first; then the stream ends with UNAVAILABLE."""
    async with browser.stream() as stream:
        await stream.hello(name="alice")
        stopping = asyncio.create_task(web.stop(grace=0.3))
        await stream.until(lambda event: event.HasField("go_away"))
        code, reason = await stream.closed()
        await stopping
    assert code == 4014
    assert reason.startswith("DRAINING: ")


async def test_other_methods_are_no_websockets(browser: Browser) -> None:
    """A WebSocket for a unary method, or without a method, is refused."""
    for path, status in (
        ("/chat_grpc.v1.ChatService/ListClients", 405),
        ("/chat_grpc.v1.ChatService/Nothing", 404),
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with browser.stream(path):
                pass
        assert refused.value.response.status_code == status


async def test_a_thousand_sockets(web: Server) -> None:
    """A thousand streams get a message, and leave nothing behind."""
    sockets = []
    for number in range(1000):
        sockets.append(await raw_socket(web.web_port))
        hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=f"n{number}"))
        sockets[-1][1].write(frame(2, hello.SerializeToString()))
    await eventually(lambda: web.stream_count == 1000, 60)
    async with Recorder(web.port, name="alice") as alice:
        await alice.sent("to all of you")
    for reader, writer in sockets:
        async with asyncio.timeout(60 * UNIT):
            await reader.readuntil(b"to all of you")
        writer.close()
    await eventually(lambda: web.stream_count == 0, 30)
