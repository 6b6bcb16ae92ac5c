"""A stream over a WebSocket (RFC 6455): the `Duplex` of the application.

Each binary frame is one request or one response. Responses are framed here; everything else is the
part of the library `websockets`, whose protocol does no I/O.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Final

from google.rpc import error_details_pb2, status_pb2
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import SERVER, Protocol, State
from websockets.utils import accept_key

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.duplex import CallEnded, Metadata
from chat_grpc.transport.http2.limits import CONTROL_FRAMES, PROTOCOL, TokenBucket
from chat_grpc.transport.web.http import HttpConnection
from chat_grpc.transport.web.limits import SIZES, WebLimits
from chat_grpc.transport.web.messages import Request, Response, encode_head, text_response

_SLICE: Final = 512
"""Bytes that are parsed between two looks at the clock: at most 85 frames."""

_MAX_UNREAD: Final = 64 * 1024
"""Bytes of requests that were not read yet; above, no more are parsed."""

_MAX_WAITING: Final = 128
"""Number of requests that were not read yet: all may be carried out in one step of the loop."""

_STATUS_BASE: Final = 4000
"""The close code of a status of gRPC is the number of the status and this."""

_MAX_REASON: Final = 123
"""Bytes of the reason of a close frame (RFC 6455, section 5.5)."""


def refusal_of_upgrade(request: Request) -> Response | None:
    """Return the response to a request that opens no WebSocket (RFC 6455, section 4.2)."""
    if request.method != "GET" or request.header(b"upgrade").lower() != "websocket":
        upgrade = ("upgrade", "websocket"), ("connection", "upgrade")
        return text_response(426, "This path is a stream; open it as a WebSocket.", *upgrade)
    if request.header(b"sec-websocket-version") != "13":
        return text_response(426, "Use version 13.", ("sec-websocket-version", "13"))
    if not _is_key(request.header(b"sec-websocket-key")):
        return text_response(400, "Sec-WebSocket-Key must be 16 bytes in base64.")
    return None


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def encode_acceptance(request: Request, *headers: tuple[str, str]) -> bytes:
    """Encode the response that opens a WebSocket, without any extension."""
    accepted = accept_key(request.header(b"sec-websocket-key"))
    own = ("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", accepted)
    return encode_head(101, [*own, *headers], secured=request.secured)


_BINARY: Final = 0x80 | Opcode.BINARY
_FRAME_16: Final = struct.Struct(">BBH")
_FRAME_64: Final = struct.Struct(">BBQ")


def binary_frame(message: bytes) -> bytes:
    """Return a server's frame with a whole message (RFC 6455, section 5.2)."""
    size = len(message)
    if size < 126:
        return bytes((_BINARY, size)) + message
    if size < 1 << 16:
        return _FRAME_16.pack(_BINARY, 126, size) + message
    return _FRAME_64.pack(_BINARY, 127, size) + message


def close_of(status: status_pb2.Status | None) -> tuple[int, str]:
    """Return the close code and the reason for the status of a stream; None is OK.

    The reason is `REASON: message`, cut to the bytes that a close frame has space for.
    """
    if status is None:
        return CloseCode.NORMAL_CLOSURE, ""
    reason = ""
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            reason = f"{info.reason}: "
    text = f"{reason}{status.message}".encode()[:_MAX_REASON].decode(errors="ignore")
    return _STATUS_BASE + status.code, text


def _limit_unsent(transport: asyncio.Transport, size: int) -> None:
    """Let the kernel take no more than `size` bytes that the peer has no space for.

    Otherwise megabytes would wait out of sight, for a peer that does not read.
    """
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # not on every platform
    if option is not None:
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, size)


class WebSocketCall:
    """A stream from its handshake to its end. Belongs to the event loop.

    The peer has no half-close: a close frame ends the stream, as a reset does with HTTP/2.
    """

    def __init__(
        self,
        connection: HttpConnection,
        metadata: Metadata,
        limits: WebLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.peer = connection.peer
        self.metadata = metadata
        self.ended = False
        """True once no more responses are sent."""
        self._connection = connection
        self._limits = limits
        self._clock = clock
        self._protocol = Protocol(SERVER, state=State.OPEN, max_size=limits.max_body)
        self._control = TokenBucket(limits.control_burst, limits.control_rate, clock())
        self._parts: list[bytes] = []
        """The fragments of a request that is not complete."""
        self._requests: deque[bytes] = deque()
        self._unread = 0
        self._reading: asyncio.Future[None] | None = None
        self._on_ready: Callable[[], object] | None = None
        self._task: asyncio.Task[None] | None = None
        _limit_unsent(connection.transport, limits.write_buffer)
        self._last_received = clock()
        self._pinged = 0.0
        """When a ping was sent that is not answered; 0.0 if none is."""
        self._closing_since = 0.0

    # ------------------------------------------------------------ Duplex

    @property
    def connection(self) -> Hashable:
        """See `Duplex.connection`."""
        return self._connection

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`."""
        return self._connection.certificate_uris

    def shut(self) -> bool:
        """See `Duplex.shut`."""
        return self._connection.shut()

    @property
    def received(self) -> bool:
        """See `Duplex.received`."""
        return bool(self._requests)

    async def read(self) -> bytes:
        """See `Duplex.read`."""
        while not self._requests:
            if self.ended:
                raise CallEnded
            self._reading = asyncio.get_running_loop().create_future()
            try:
                await self._reading
            finally:
                self._reading = None
        request = self._requests.popleft()
        self._unread -= len(request)
        if not self.full:
            self._connection.parse_more()
        return request

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        self.send(response)
        if not await self._connection.drained() or self.ended:
            raise CallEnded

    @property
    def prompt(self) -> WebSocketCall:
        """See `Duplex.prompt`."""
        return self

    # ------------------------------------------------------------ Prompt

    @property
    def ready(self) -> bool:
        """True if `send` may be called."""
        return not self._connection.paused and not self.ended

    @property
    def unsent(self) -> int:
        """See `Prompt.unsent`."""
        if not self._connection.paused:
            return 0
        return self._connection.transport.get_write_buffer_size()

    @property
    def window(self) -> int:
        """See `Prompt.window`: the space in the buffer; TCP does not tell the peer's."""
        used = self._connection.transport.get_write_buffer_size()
        return max(0, self._limits.write_buffer - used)

    def send(self, response: bytes) -> None:
        """Write a response as one frame. Raises `CallEnded`."""
        if self.ended:
            raise CallEnded
        # Not by the library: it takes five times as long, and no state depends on a response.
        self._connection.transport.write(binary_frame(response))

    def when_ready(self, callback: Callable[[], object]) -> None:
        """See `Prompt.when_ready`."""
        if not self.ended:
            self._on_ready = callback

    def writable(self) -> None:
        """See `Stream.writable`."""
        on_ready, self._on_ready = self._on_ready, None
        if on_ready is not None and not self.ended:
            on_ready()

    def _flush(self) -> None:
        transport = self._connection.transport
        for data in self._protocol.data_to_send():
            if data:
                transport.write(data)
            elif not transport.is_closing():
                transport.close()  # both close frames are sent

    # ------------------------------------------------------------ the call

    def start(self, dispatcher: Dispatcher, path: str) -> None:
        """Serve the stream."""
        serving = self._serve(dispatcher, path)
        self._task = asyncio.get_running_loop().create_task(serving, name=path)

    async def _serve(self, dispatcher: Dispatcher, path: str) -> None:
        try:
            self._end(*close_of(await dispatcher.serve(path, self)))
        except asyncio.CancelledError:
            if not self.ended:
                raise
        finally:
            self._task = None

    def _end(self, code: int, reason: str) -> None:
        """Send a close frame, behind the responses. The peer's is awaited for a while."""
        if self.ended:
            return
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._flush()
        self._stop()

    def _stop(self) -> None:
        """Note that nothing more is sent or read; the handler of the stream is cancelled."""
        self.ended = True
        self._closing_since = self._clock()
        self._on_ready = None
        self._requests.clear()
        self._parts.clear()
        self._unread = 0
        self._connection.parse_more()
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)
        if self._task is not None:
            self._task.cancel()

    # ------------------------------------------------------------ receiving

    @property
    def full(self) -> bool:
        """See `Stream.full`."""
        return self._unread >= _MAX_UNREAD or len(self._requests) >= _MAX_WAITING

    def receive(self, data: bytes, until: float) -> int:
        """See `Stream.receive`."""
        self._last_received = self._clock()
        self._pinged = 0.0
        taken = 0
        while taken < len(data):
            piece = data[taken : taken + _SLICE]
            taken += len(piece)
            self._protocol.receive_data(piece)
            for frame in self._protocol.events_received():
                self._take(frame)
            if not self.ended and self._protocol.state is not State.OPEN:
                self._note_violation()
                self._stop()  # the peer closes, or violated the protocol
            self._flush()
            if self._clock() >= until or self.full:
                break
        return taken

    def _take(self, frame: object) -> None:
        """Take a frame; frames behind the end of the stream are dropped."""
        if self.ended or not isinstance(frame, Frame):
            return
        data = bytes(frame.data)
        whole = frame.fin and frame.opcode is Opcode.BINARY
        if not whole and not self._control.take(self._clock()):
            self._connection.note_refusal(CONTROL_FRAMES, "too many pings or fragments")
            self._end(CloseCode.POLICY_VIOLATION, "Too many pings or fragments.")
        elif frame.opcode is Opcode.TEXT:
            self._connection.note_refusal(PROTOCOL, "a text frame on a WebSocket")
            self._end(CloseCode.UNSUPPORTED_DATA, "Send binary frames.")
        elif whole:
            self._add(data)
        elif frame.opcode in (Opcode.BINARY, Opcode.CONT):
            self._parts.append(data)
            if frame.fin:
                parts, self._parts = self._parts, []
                self._add(b"".join(parts))

    def _add(self, request: bytes) -> None:
        self._requests.append(request)
        self._unread += len(request)
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)

    def _note_violation(self) -> None:
        """Count the violation that the library answered with a close frame, if there is one."""
        sent = self._protocol.close_sent
        if self._protocol.close_rcvd is None and sent is not None:
            large = sent.code == CloseCode.MESSAGE_TOO_BIG
            message = f"WebSocket: {sent.reason or sent.code}"
            self._connection.note_refusal(SIZES if large else PROTOCOL, message)

    # ------------------------------------------------------------ the end

    def check_time(self, now: float) -> None:
        """See `Stream.check_time`."""
        limits = self._limits
        if self._closing_since:
            if now - self._closing_since > limits.closing:
                self._connection.abort()
        elif self._pinged:
            if now - self._pinged > limits.ping_timeout:
                self._connection.abort()
        elif now - self._last_received > limits.ping:
            self._pinged = now
            self._protocol.send_ping(b"")
            self._flush()

    def lost(self) -> None:
        """See `Stream.lost`."""
        if not self.ended:
            self._stop()

    def close(self) -> None:
        """See `Stream.close`."""
        self._end(CloseCode.GOING_AWAY, "The server ends.")
        self._connection.transport.close()
