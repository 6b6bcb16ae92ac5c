"""The code that random bytes run through. Each target raises if it finds a defect.

The first byte of an input chooses how the rest is read, so that a mutation of it is one of the
frames or of their pieces.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from fuzz.calls import CallsOfBytes
from hpack import Decoder

from chat_grpc.transport.http2 import frames, grpc
from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.errors import ConnectionViolation
from chat_grpc.transport.http2.frames import frame
from chat_grpc.transport.http2.headers import (
    FirstSections,
    HeaderDecoder,
    Headers,
    Malformed,
    check_request,
    check_trailers,
    content_length,
    encode,
    size_of,
)
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.proxy_header import MAX_2, InvalidHeader, read_header
from chat_grpc.transport.http2.streams import (
    DataReceived,
    Event,
    RequestEnded,
    RequestStarted,
    StreamEnded,
)

START = frames.PREFACE + frames.settings_frame([])
LIMITS = Limits(max_streams=5, control_burst=50, reset_burst=20, max_header_list=8 * 1024)
"""Small limits, so that short inputs reach them."""

_STREAM_BITS = 0x0F


class Defect(Exception):
    """The code broke a promise."""


def wire(data: bytes) -> tuple[bytes, int]:
    """Return what a peer sends behind the start of a connection, and the size of its pieces.

    The lowest bit of the first byte chooses between bytes as they are, and frames with a header of
    four bytes: type, flags, stream and length. Their lengths survive a mutation.
    """
    first, rest = data[:1] or b"\0", data[1:]
    size = (first[0] >> 1) + 1
    if not first[0] & 1:
        return rest, size
    parts = []
    at = 0
    while at + 4 <= len(rest):
        kind, flags, stream, length = rest[at : at + 4]
        payload = rest[at + 4 : at + 4 + length]
        parts.append(frame(kind, flags, stream & _STREAM_BITS, payload))
        at += 4 + length
    return b"".join(parts), size


def told(event: Event) -> tuple[object, ...]:
    """Return an event without its objects, to compare it."""
    match event:
        case RequestStarted(stream, section):
            pseudo = section.request().pseudo
            return "started", stream.id, tuple(section.headers), tuple(pseudo.items())
        case DataReceived(stream, data):
            return "data", stream.id, data
        case RequestEnded(stream):
            return "ended", stream.id
        case StreamEnded(stream, code):
            return "reset", stream.id, code
    return "window", event.stream.id if event.stream is not None else 0


class Peer:
    """A connection that gets bytes, and keeps what came of them."""

    def __init__(self) -> None:
        self.connection = Connection(lambda: 0.0, LIMITS)
        self.events: list[tuple[object, ...]] = []
        self.output = b""
        self.received = 0
        """Bytes of DATA."""

    def receive(
        self,
        data: bytes,
        answer: Callable[[Connection, Event], None] | None = None,
        until: float = math.inf,
    ) -> None:
        """Receive bytes; `answer` is called with each event."""
        for event in self.connection.receive(data, until):
            self.events.append(told(event))
            if isinstance(event, DataReceived):
                self.received += len(event.data)
            if answer is not None:
                answer(self.connection, event)
        self.output += self.connection.take_output()


def _respond(connection: Connection, event: Event) -> None:
    """Do what calls do: give back windows, and answer at the end of a request."""
    match event:
        case DataReceived(stream, data):
            connection.consumed(stream, len(data))
        case RequestEnded(stream) if stream.id in connection.streams:
            before = min(stream.send_window, connection.send_window)
            connection.send_headers(stream, grpc.RESPONSE, end_stream=False)
            sent = connection.send_data(stream, memoryview(bytes(100)))
            if sent > max(0, before):
                raise Defect(f"{sent} bytes of DATA in a window of {before}")
            connection.send_headers(stream, grpc.encode_status(None), end_stream=True)


def connection(data: bytes) -> None:
    """Run the state machine: the pieces of its input must not matter, and output is bounded."""
    sent, size = wire(data)
    whole, turns, pieces, answered = Peer(), Peer(), Peer(), Peer()
    whole.receive(START + sent)
    turns.receive(START + sent, until=0.0)  # the clock is there: one frame in each turn
    while turns.connection.more and turns.connection.failed is None:
        turns.receive(b"", until=0.0)
    for each in (pieces, answered):
        each.receive(START)
        for at in range(0, len(sent), size):
            each.receive(sent[at : at + size], _respond if each is answered else None)
    for each in (turns, pieces):
        if whole.events != each.events or whole.output != each.output:
            raise Defect(f"pieces of {size} bytes: {each.events}, not {whole.events}")
    for each in (whole, answered):
        # An answer to a request has about 170 bytes; the request may be a few indexes.
        if len(each.output) > 1000 + 20 * len(sent):
            raise Defect(f"{len(sent)} bytes are answered with {len(each.output)}")
        open_ = each.connection.streams
        if len(open_) > LIMITS.max_streams or any(number % 2 == 0 for number in open_):
            raise Defect(f"open streams: {list(open_)}")
    if whole.received > len(sent):
        raise Defect(f"{whole.received} bytes of DATA from {len(sent)}")


def headers(data: bytes) -> None:
    """Decode two header blocks of one connection, and read them as a request and as trailers.

    A second connection that knows the first block decodes both blocks alike.
    """
    first = data[0] if data else 0
    blocks = data[1 : 1 + first], data[1 + first :]
    firsts = FirstSections()
    decoders = [HeaderDecoder(LIMITS.max_header_list, firsts) for _ in range(2)]
    for block in blocks:
        found, again = (_try_to_decode(decoder, block) for decoder in decoders)
        if found != again:
            raise Defect(f"{found} and, where the first block is known, {again}")
        if found is None:
            return
        if size_of(found) > LIMITS.max_header_list:
            raise Defect(f"{size_of(found)} bytes of headers")
        if list(Decoder().decode(encode(found), raw=True)) != list(found):
            raise Defect(f"another encoding of {found}")
        _read(found)


def _try_to_decode(decoder: HeaderDecoder, block: bytes) -> Headers | None:
    try:
        return decoder.decode(block).headers
    except ConnectionViolation:
        return None


def _read(found: Headers) -> None:
    for check in (check_request, check_trailers, content_length):
        try:
            check(found)
        except Malformed:
            if check is not check_trailers:
                return
    grpc.is_grpc(found)
    for read in (grpc.timeout_of, grpc.check_encoding, grpc.metadata_of):
        try:
            read(found)
        except grpc.CallError as error:
            grpc.encode_status(error.status)


def messages(data: bytes) -> None:
    """Read messages: the pieces of the input must not matter."""
    size, body = (data[0] if data else 0) + 1, data[1:]
    whole, pieces = grpc.MessageReader(100), grpc.MessageReader(100)
    expected = whole.feed(body)
    found = [m for at in range(0, len(body), size) for m in pieces.feed(body[at : at + size])]
    if found != expected or whole.partial != pieces.partial:
        raise Defect(f"pieces of {size} bytes: {found}, not {expected}")
    failures = [reader.failure and reader.failure.status for reader in (whole, pieces)]
    if failures[0] != failures[1]:
        raise Defect(f"failures: {failures}")
    if sum(map(len, found)) > len(body):
        raise Defect("more bytes than there were")


class _Defects(logging.Handler):
    """Keeps what a connection logs when it ends because of a defect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


def calls(data: bytes) -> None:
    """Run a connection with its calls: no defect is logged, and no task is left."""
    sent, size = wire(data)
    defects = _Defects()
    log = logging.getLogger("chat_grpc.transport")
    log.addHandler(defects)
    try:
        left = asyncio.run(CallsOfBytes(LIMITS).run(START + sent, size))
    finally:
        log.removeHandler(defects)
    if defects.seen or left:
        raise Defect("\n".join([*defects.seen, *left]))


def proxy_header(data: bytes) -> None:
    """Read a PROXY header: its beginnings are incomplete, and what follows does not matter."""
    try:
        found = read_header(data)
    except InvalidHeader:
        return
    if found is None:
        if len(data) >= MAX_2:
            raise Defect(f"a header is not complete after {len(data)} bytes")
        return
    if read_header(data[: found.size] + b"PRI") != found or found.size > len(data):
        raise Defect(f"{found} depends on the bytes behind it")
    if read_header(data[: found.size - 1]) is not None:
        raise Defect(f"{found} is complete before its end")
    if found.source is not None:
        ip_address(found.source)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (connection, headers, messages, calls, proxy_header)
}
