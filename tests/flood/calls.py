"""Clients of an attacker, on bare HTTP/2: they send as fast as the server takes it."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple, Self, TypeVar

from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from hpack import Decoder
from wire import CALL, START, grpc_message, request_headers

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame
from chat_grpc.v1 import chat_pb2

ADDRESS = "127.0.2.1"
"""The address of the attacker. That of the good clients is 127.0.0.1."""


class Request(NamedTuple):
    """A call."""

    path: str
    message: bytes | None
    """The encoded request; None to send none."""
    token: str = ""
    ends: bool = True
    """False leaves the call open for further requests."""


class Answer(NamedTuple):
    """The status of a call that ended."""

    code: int
    reason: str
    limit: str
    """The name of the limit that refused the call."""
    retry_after: float
    """Seconds; 0.0 if the status has none."""

    @classmethod
    def of(cls, code: int, details: status_pb2.Status) -> Self:
        """Return the answer of a status."""
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        for each in details.details:
            each.Unpack(info)
            each.Unpack(retry)
        delay = retry.retry_delay.ToMilliseconds() / 1000
        return cls(code, info.reason, info.metadata["limit"], delay)


class Frames(asyncio.Protocol):
    """A connection that reads everything, and gives its window back."""

    closed = False
    """True once the server has ended the connection."""
    code = 0
    """The code with which the server ended the connection."""

    def __init__(self) -> None:
        self._rest = b""
        self._socket: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        transport.write(START)
        self.begin()

    def begin(self) -> None:
        """Send the first requests."""

    def data_received(self, data: bytes) -> None:
        """Take all complete frames."""
        data, at, size = self._rest + data, 0, 0
        while len(data) - at >= frames.HEADER_SIZE:
            high, low, kind, flags, stream = frames.unpack_header(data, at)
            end = at + frames.HEADER_SIZE + (high << 8 | low)
            if end > len(data):
                break
            payload = data[at + frames.HEADER_SIZE : end]
            if kind == frames.GOAWAY:
                self.code = frames.number_of(payload[4:8])
            self.take(kind, flags, stream, payload)
            size += (high << 8 | low) if kind == frames.DATA else 0
            at = end
        self._rest = data[at:]
        if size and not self._socket.is_closing():
            self._socket.write(frames.window_update_frame(0, size))

    def take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Take a frame."""

    def send(self, data: bytes) -> None:
        """Write frames."""
        self._socket.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        """See `asyncio.BaseProtocol`."""
        self.closed = True

    def close(self) -> None:
        """Leave."""
        self._socket.abort()


def data(stream: int, message: bytes, flags: int = 0) -> bytes:
    """Return the DATA frames of a message."""
    whole = grpc_message(message)
    *parts, last = (whole[at : at + 16_384] for at in range(0, len(whole), 16_384))
    first = b"".join(frame(frames.DATA, 0, stream, part) for part in parts)
    return first + frame(frames.DATA, flags, stream, last)


class Calls(Frames):
    """Makes calls, at most `most` at a time; each one that ends makes place for the next one."""

    def __init__(self, requests: Iterator[Request], most: int = 16) -> None:
        super().__init__()
        self.begun = 0
        self.answers: Counter[tuple[str, Answer]] = Counter()
        """The number of calls that ended, by path and status; `retry_after` is 0 in it."""
        self.last: dict[tuple[str, str], Answer] = {}
        """The last answer with each reason and limit."""
        self._requests = requests
        self._most = most
        self._open: dict[int, str] = {}
        self._stream = 1
        self._decoder = Decoder()

    @property
    def ended(self) -> int:
        """The number of calls that ended."""
        return self.answers.total()

    @property
    def open(self) -> int:
        """The number of calls that are open."""
        return len(self._open)

    @property
    def reasons(self) -> Counter[str]:
        """The number of calls that ended with each reason; an empty one stands for success."""
        found: Counter[str] = Counter()
        for (_, answer), count in self.answers.items():
            found[answer.reason] += count
        return found

    def count(self, reason: str) -> int:
        """Return the number of calls that ended with a reason."""
        return self.reasons[reason]

    def begin(self) -> None:
        """Begin as many calls as may be open."""
        written = []
        while len(self._open) < self._most and (request := next(self._requests, None)):
            stream, self._stream = self._stream, self._stream + 2
            self._open[stream] = request.path
            self.begun += 1
            token = (
                [(b"authorization", f"Bearer {request.token}".encode())] if request.token else []
            )
            written.append(request_headers(stream, request.path, *token))
            if request.message is not None:
                flags = frames.END_STREAM if request.ends else 0
                written.append(data(stream, request.message, flags))
        if written and not self._socket.is_closing():
            self._socket.write(b"".join(written))

    def take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Note a status, and begin the next call."""
        headers: dict[str, str] = {}
        if kind == frames.HEADERS:
            headers = {str(name): str(value) for name, value in self._decoder.decode(payload)}
        elif kind != frames.RST_STREAM:
            return
        if kind == frames.HEADERS and not flags & frames.END_STREAM:
            return
        if (path := self._open.pop(stream, None)) is not None:
            answer = _answer_in(headers)
            self.last[answer.reason, answer.limit] = answer
            self.answers[path, answer._replace(retry_after=0.0)] += 1
            self.begin()


def _answer_in(headers: dict[str, str]) -> Answer:
    details = headers.get("grpc-status-details-bin", "")
    status = status_pb2.Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
    return Answer.of(int(headers.get("grpc-status", "-1")), status)


class FloodedStream(Frames):
    """One stream of `Connect` whose requests do not wait for their answers."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.rejected: list[Answer] = []
        """The refused requests, in their order."""
        self.accepted = 0
        """The number of requests that were carried out, of those with an answer."""
        self.end: Answer | None = None
        """The status with which the stream ended."""
        self._token = token
        self._decoder = Decoder()
        self._received = b""
        self._unsent = bytearray()
        """Requests that wait for the window of the stream."""
        self._window = frames.DEFAULT_WINDOW

    def begin(self) -> None:
        """Open the stream."""
        self._socket.write(request_headers(1, CALL))
        self.write(chat_pb2.ConnectRequest(hello=chat_pb2.Hello(token=self._token)))

    @property
    def reasons(self) -> Counter[str]:
        """The number of refused requests with each reason; an empty one stands for success."""
        return Counter([each.reason for each in self.rejected]) + Counter({"": self.accepted})

    @property
    def takes_more(self) -> bool:
        """True unless the connection is closed, or the server does not read."""
        return not (
            self._socket.is_closing() or self._unsent or self._socket.get_write_buffer_size()
        )

    def write(self, *requests: chat_pb2.ConnectRequest) -> None:
        """Write requests, as far as the window of the stream allows; the rest follows."""
        for each in requests:
            self._unsent += grpc_message(each.SerializeToString())
        self._flush()

    def _flush(self) -> None:
        while size := min(len(self._unsent), self._window, frames.MIN_FRAME_SIZE):
            self._socket.write(frame(frames.DATA, 0, 1, bytes(self._unsent[:size])))
            del self._unsent[:size]
            self._window -= size

    def take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Note refused requests, and the end."""
        if kind == frames.DATA:
            self._received += payload
            self._take_responses()
        elif kind == frames.WINDOW_UPDATE and stream and not self._socket.is_closing():
            self._window += frames.number_of(payload)
            self._flush()
        elif kind == frames.HEADERS:
            found = {str(name): str(value) for name, value in self._decoder.decode(payload)}
            if flags & frames.END_STREAM:
                self.end = _answer_in(found)

    def _take_responses(self) -> None:
        while len(self._received) >= 5:
            end = 5 + int.from_bytes(self._received[1:5], "big")
            if len(self._received) < end:
                break
            response = chat_pb2.ConnectResponse.FromString(self._received[5:end])
            self._received = self._received[end:]
            for event in response.events:
                self.accepted += event.HasField("sent")
                if event.HasField("rejected"):
                    self.rejected.append(_answer_to(event.rejected.error))


def _answer_to(error: chat_pb2.RequestError) -> Answer:
    delay = error.retry_after.ToMilliseconds() / 1000
    return Answer(error.code, error.reason, error.metadata["limit"], delay)


P = TypeVar("P", bound="Frames")


@asynccontextmanager
async def connected(port: int, make: Callable[[], P], address: str = ADDRESS) -> AsyncIterator[P]:
    """Connect from an address of this machine."""
    found = await connect(port, make, address)
    try:
        yield found
    finally:
        found.close()


async def connect(port: int, make: Callable[[], P], address: str = ADDRESS) -> P:
    """Connect from an address of this machine; the caller closes the connection."""
    bad = await connected_socket(port, address)
    _, protocol = await asyncio.get_running_loop().create_connection(make, sock=bad)
    return protocol


async def connected_socket(port: int, address: str = ADDRESS, *, buffer: int = 0) -> socket.socket:
    """Connect from an address of this machine; `buffer` are bytes to receive, 0 for the default."""
    bad = socket.socket()
    bad.setblocking(False)
    if buffer:
        bad.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    bad.bind((address, 0))
    await asyncio.get_running_loop().sock_connect(bad, ("127.0.0.1", port))
    return bad


def encoded(path: str, request: Message, token: str = "") -> Request:
    """Return a call with a request."""
    return Request(path, request.SerializeToString(), token)
