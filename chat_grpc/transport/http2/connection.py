"""The server's side of an HTTP/2 connection, without I/O (RFC 9113)."""

from __future__ import annotations

import math
from collections.abc import Callable

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.blocks import Block, BlockReader, unpadded
from chat_grpc.transport.http2.errors import (
    ConnectionViolation,
    StreamViolation,
    protocol_error,
    too_much,
)
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.headers import (
    FirstSections,
    HeaderDecoder,
    Malformed,
    Section,
    check_trailers,
)
from chat_grpc.transport.http2.limits import (
    CONTROL_FRAMES,
    DEFAULT_LIMITS,
    RESETS,
    Limits,
    TokenBucket,
)
from chat_grpc.transport.http2.sending import NewestFrames, SendingSide
from chat_grpc.transport.http2.streams import (
    DataReceived,
    Event,
    RequestEnded,
    RequestStarted,
    Stream,
    StreamEnded,
    WindowOpened,
)


class Connection(SendingSide):
    """The state of one connection. Not thread-safe.

    `receive` takes bytes from the peer and returns events. The methods of `SendingSide` send. After
    a violation `failed` is set, the output ends with GOAWAY, and the connection must be closed once
    the output is written.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        limits: Limits = DEFAULT_LIMITS,
        firsts: FirstSections | None = None,
        newest: NewestFrames | None = None,
    ) -> None:
        """`clock` returns seconds that never go back. `firsts` are those of `HeaderDecoder`.

        `newest` is that of `SendingSide`.
        """
        super().__init__(limits, newest or NewestFrames())
        now = clock()
        self.ready = False
        """True once the preface and the peer's first SETTINGS are there."""
        self.more = False
        """True if frames were received and not parsed; perhaps one that is not complete."""
        self._clock = clock
        self._rest = b""
        self._preface = frames.PREFACE
        self._decoder = HeaderDecoder(limits.max_header_list, firsts)
        self._blocks = BlockReader(limits)
        self._receive_window = limits.connection_window
        self._uncredited = 0
        self._control = TokenBucket(limits.control_burst, limits.control_rate, now)
        self._resets = TokenBucket(limits.reset_burst, limits.reset_rate, now)

    @property
    def unparsed(self) -> int:
        """The number of bytes that were received and not parsed."""
        return len(self._rest)

    @property
    def block_since(self) -> float:
        """When the unfinished header block began, on the clock; 0.0 if there is none."""
        return self._blocks.since

    # ------------------------------------------------------------ receiving

    def receive(self, data: bytes, until: float = math.inf) -> list[Event]:
        """Take bytes from the peer; return what happened, in order.

        Parse at least one frame, and no further ones after the time `until` of the clock; `more`
        is True then, and the next call continues.
        """
        events: list[Event] = []
        if self.failed is None:
            try:
                self._parse(self._rest + data if self._rest else data, events, until)
            except ConnectionViolation as violation:
                # The traceback refers to this connection and its bytes: a cycle that only the
                # garbage collector would free.
                violation.__context__ = None
                self.fail(violation.with_traceback(None))
        return events

    def _parse(self, data: bytes, events: list[Event], until: float) -> None:
        at, end = self._take_preface(data), len(data)
        self.more = False
        while end - at >= frames.HEADER_SIZE:
            high, low, kind, flags, stream_id = frames.unpack_header(data, at)
            size = high << 8 | low
            if size > frames.MIN_FRAME_SIZE:
                raise ConnectionViolation(
                    ErrorCode.FRAME_SIZE_ERROR, f"A frame has {size} bytes; the maximum is 16384."
                )
            start = at + frames.HEADER_SIZE
            if start + size > end:
                break
            at = start + size
            try:
                payload = data[start:at]
                self._take_frame(kind, flags, stream_id & frames.MAX_WINDOW, payload, events)
            except StreamViolation as violation:
                self._end_stream(violation, events)
            if self._clock() >= until:
                self.more = end - at >= frames.HEADER_SIZE
                break
        self._rest = data[at:]

    def _take_preface(self, data: bytes) -> int:
        """Check the client's preface; return how many bytes of it there are (section 3.4)."""
        if not self._preface:
            return 0
        size = min(len(self._preface), len(data))
        if data[:size] != self._preface[:size]:
            raise ConnectionViolation(ErrorCode.PROTOCOL_ERROR, "The client preface is missing.")
        self._preface = self._preface[size:]
        return size

    def _take_frame(
        self, kind: int, flags: int, stream_id: int, payload: bytes, events: list[Event]
    ) -> None:
        if self._blocks.unfinished and (  # sections 6.2 and 6.10
            kind != frames.CONTINUATION or stream_id != self._blocks.stream_id
        ):
            raise protocol_error("A header block is interrupted by another frame.")
        if not self.ready and kind != frames.SETTINGS:
            raise protocol_error("The first frame must be SETTINGS.")  # section 3.4
        match kind:
            case frames.DATA:
                self._take_data(flags, stream_id, payload, events)
            case frames.HEADERS:
                self._take_headers(flags, stream_id, payload, events)
            case frames.CONTINUATION:
                self._take_continuation(flags, payload, events)
            case frames.WINDOW_UPDATE:
                self._take_window_update(stream_id, payload, events)
            case frames.RST_STREAM:
                self._take_reset(stream_id, payload, events)
            case frames.SETTINGS:
                self._take_settings(flags, stream_id, payload, events)
            case frames.PING:
                self._take_ping(flags, stream_id, payload)
            case frames.PRIORITY:
                self._take_priority(stream_id, payload)
            case frames.PUSH_PROMISE:
                raise protocol_error("A client must not push.")  # section 8.4
            case frames.GOAWAY:
                if stream_id:
                    raise protocol_error("GOAWAY belongs to stream 0.")  # section 6.8
            case _:
                self._count_control()  # section 5.5: ignore unknown types

    def _end_stream(self, violation: StreamViolation, events: list[Event]) -> None:
        self._count_reset()
        self._reset_id(violation.stream_id, violation.code)
        stream = self.streams.pop(violation.stream_id, None)
        if stream is not None:
            events.append(StreamEnded(stream, violation.code))

    def count_failed_call(self) -> ConnectionViolation | None:
        """Count a call that the application did not answer, as a control frame.

        Return the violation if there are too many.
        """
        if self._control.take(self._clock()):
            return None
        return too_much("Too many control frames, or calls that fail at once.", CONTROL_FRAMES)

    def _count_control(self) -> None:
        if (violation := self.count_failed_call()) is not None:
            raise violation

    def _count_reset(self) -> None:
        if not self._resets.take(self._clock()):
            raise too_much("Too many streams are reset.", RESETS)

    # ------------------------------------------------------------ DATA

    def _take_data(self, flags: int, stream_id: int, payload: bytes, events: list[Event]) -> None:
        size = len(payload)
        self._receive_window -= size
        if self._receive_window < 0:  # section 6.9.1
            raise ConnectionViolation(
                ErrorCode.FLOW_CONTROL_ERROR, "More DATA than the connection's window."
            )
        self._credit_connection(size)
        data = unpadded(flags, payload)
        stream = self._open_stream(stream_id)
        if stream is None:
            return
        stream.receive_window -= size
        if stream.receive_window < 0:
            raise StreamViolation(stream_id, ErrorCode.FLOW_CONTROL_ERROR)
        if size != len(data):
            self.consumed(stream, size - len(data))
        if stream.body_left is not None:
            stream.body_left -= len(data)
        if data:
            events.append(DataReceived(stream, data))
        elif not flags & frames.END_STREAM:
            self._count_control()
        if flags & frames.END_STREAM:
            self._close_remote(stream, events)
        elif stream.body_left is not None and stream.body_left < 0:
            raise StreamViolation(stream_id, ErrorCode.PROTOCOL_ERROR)

    def _credit_connection(self, size: int) -> None:
        """Give bytes back to the connection's window at once: the streams' windows bound memory."""
        self._uncredited += size
        if self._uncredited * 2 >= self._limits.connection_window:
            self._output.append(frames.window_update_frame(0, self._uncredited))
            self._receive_window += self._uncredited
            self._uncredited = 0

    def _open_stream(self, stream_id: int) -> Stream | None:
        """Return a stream on which the peer may send; None if its frames are to be ignored.

        Section 5.1. Raises the violation that a frame on an idle or closed stream is.
        """
        stream = self.streams.get(stream_id)
        if stream is not None and not stream.remote_closed:
            return stream
        self._check_not_idle(stream_id)
        if stream is None and stream_id in self._reset_ids:
            return None  # it was sent before the peer saw the reset
        raise StreamViolation(stream_id, ErrorCode.STREAM_CLOSED)

    def _is_idle(self, stream_id: int) -> bool:
        return stream_id % 2 == 0 or stream_id > self.last_stream_id

    def _check_not_idle(self, stream_id: int) -> None:
        if self._is_idle(stream_id):
            raise protocol_error(f"The frame is not allowed on the idle stream {stream_id}.")

    def _close_remote(self, stream: Stream, events: list[Event]) -> None:
        stream.remote_closed = True
        if stream.body_left:  # section 8.1.1
            raise StreamViolation(stream.id, ErrorCode.PROTOCOL_ERROR)
        events.append(RequestEnded(stream))

    # ------------------------------------------------------------ HEADERS

    def _take_headers(
        self, flags: int, stream_id: int, payload: bytes, events: list[Event]
    ) -> None:
        if stream_id % 2 == 0:
            raise protocol_error("A client must use odd stream numbers.")  # section 5.1.1
        block = self._blocks.headers(flags, stream_id, payload, self._clock())
        if block is not None:
            self._take_block(block, events)

    def _take_continuation(self, flags: int, payload: bytes, events: list[Event]) -> None:
        block = self._blocks.continuation(flags, payload)
        if block is not None:
            self._take_block(block, events)

    def _take_block(self, block: Block, events: list[Event]) -> None:
        """Take a complete header block: of a new request, or trailers."""
        section = self._decoder.decode(block.encoded)
        if block.stream_id > self.last_stream_id:
            self._start_request(block.stream_id, section, events, end=block.end_stream)
            return
        stream = self.streams.get(block.stream_id)
        if stream is None and block.stream_id in self._reset_ids:
            return
        if stream is None:  # section 5.1.1; it was closed or skipped
            raise protocol_error(
                f"A new stream needs a number above {self.last_stream_id}, not {block.stream_id}."
            )
        if stream.remote_closed:
            raise StreamViolation(stream.id, ErrorCode.STREAM_CLOSED)
        try:
            check_trailers(section.headers)
        except Malformed:
            raise StreamViolation(stream.id, ErrorCode.PROTOCOL_ERROR) from None
        if not block.end_stream:  # section 8.1: trailers end the request
            raise StreamViolation(stream.id, ErrorCode.PROTOCOL_ERROR)
        self._close_remote(stream, events)

    def _start_request(
        self, stream_id: int, section: Section, events: list[Event], *, end: bool
    ) -> None:
        self.last_stream_id = stream_id
        if self._refuse_after is not None:
            self._reset_ids.append(stream_id)  # the GOAWAY has told it
            return
        if len(self.streams) >= self._limits.max_streams:  # section 5.1.2
            raise StreamViolation(stream_id, ErrorCode.REFUSED_STREAM)
        try:
            length = section.request().content_length
        except Malformed:
            raise StreamViolation(stream_id, ErrorCode.PROTOCOL_ERROR) from None
        stream = Stream(stream_id, self._initial_send_window, self._limits.stream_window)
        stream.body_left = length
        self.streams[stream_id] = stream
        events.append(RequestStarted(stream, section))
        if end:
            self._close_remote(stream, events)

    # ------------------------------------------------------------ control frames

    def _take_window_update(self, stream_id: int, payload: bytes, events: list[Event]) -> None:
        if len(payload) != 4:
            raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE has 4 bytes.")
        increment = frames.number_of(payload) & frames.MAX_WINDOW
        stream = None
        if stream_id:
            stream = self.streams.get(stream_id)
            if stream is None:
                self._check_not_idle(stream_id)
                return  # section 5.1: it may come after the end
        if increment == 0:
            raise _of(stream_id, ErrorCode.PROTOCOL_ERROR, "A WINDOW_UPDATE of 0.")
        if stream is None:
            self.send_window += increment
        else:
            stream.send_window += increment
        window = stream.send_window if stream is not None else self.send_window
        if window > frames.MAX_WINDOW:  # section 6.9.1
            raise _of(stream_id, ErrorCode.FLOW_CONTROL_ERROR, "The window is above 2^31-1.")
        events.append(WindowOpened(stream))

    def _take_reset(self, stream_id: int, payload: bytes, events: list[Event]) -> None:
        if len(payload) != 4:
            raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM has 4 bytes.")
        self._check_not_idle(stream_id)
        stream = self.streams.pop(stream_id, None)
        if stream is None:
            if stream_id in self._reset_ids:  # grpc-go resets a stream that the server ended
                self._reset_ids.remove(stream_id)  # section 5.1: no frame may follow
            else:
                self._count_control()
            return
        if not stream.answered:  # else the client cancels what it has begun to receive
            self._count_reset()
        events.append(StreamEnded(stream, frames.number_of(payload)))

    def _take_settings(
        self, flags: int, stream_id: int, payload: bytes, events: list[Event]
    ) -> None:
        if stream_id:
            raise protocol_error("SETTINGS belongs to stream 0.")
        if flags & frames.ACK:
            if payload:
                raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "A SETTINGS ACK is empty.")
            return
        if len(payload) % 6:
            raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "A setting has 6 bytes.")
        if self.ready:
            self._count_control()
        self.ready = True
        for setting, value in frames.settings_of(payload):
            self._apply_setting(setting, value)
        self._output.append(frames.SETTINGS_ACK)
        events.append(WindowOpened(None))

    def _apply_setting(self, setting: int, value: int) -> None:
        """Apply one setting of the peer (section 6.5.2)."""
        match setting:
            case frames.HEADER_TABLE_SIZE if value < frames.DEFAULT_TABLE_SIZE:
                self._drop_table()
            case frames.ENABLE_PUSH if value > 1:
                raise protocol_error("ENABLE_PUSH is 0 or 1.")
            case frames.INITIAL_WINDOW_SIZE:
                if value > frames.MAX_WINDOW:
                    raise ConnectionViolation(
                        ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE is above 2^31-1."
                    )
                self._change_initial_window(value)
            case frames.SETTING_MAX_FRAME_SIZE:
                if not frames.MIN_FRAME_SIZE <= value <= frames.MAX_FRAME_SIZE:
                    raise protocol_error("MAX_FRAME_SIZE is out of range.")
                self._max_frame = min(value, 256 * 1024)

    def _change_initial_window(self, value: int) -> None:
        """Change the window of every stream by the difference (section 6.9.2)."""
        change = value - self._initial_send_window
        self._initial_send_window = value
        for stream in self.streams.values():
            stream.send_window += change
            if stream.send_window > frames.MAX_WINDOW:
                raise ConnectionViolation(ErrorCode.FLOW_CONTROL_ERROR, "A window is above 2^31-1.")

    def _take_ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise protocol_error("PING belongs to stream 0.")
        if len(payload) != 8:
            raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "PING has 8 bytes.")
        if flags & frames.ACK:
            self.unanswered_pings = max(self.unanswered_pings - 1, 0)
            return
        if self._sent_data:
            self._sent_data = False  # grpc-go answers DATA with a PING, to estimate the bandwidth
        else:
            self._count_control()
        self._output.append(frames.frame(frames.PING, frames.ACK, 0, payload))

    def _take_priority(self, stream_id: int, payload: bytes) -> None:
        """Check a PRIORITY frame and ignore it (sections 5.3.2 and 6.3)."""
        if stream_id == 0:
            raise protocol_error("PRIORITY needs a stream.")
        self._count_control()
        if len(payload) != 5:
            if self._is_idle(stream_id):  # section 6.4: RST_STREAM is not for idle streams
                raise ConnectionViolation(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY has 5 bytes.")
            raise StreamViolation(stream_id, ErrorCode.FRAME_SIZE_ERROR)
        if frames.number_of(payload) & frames.MAX_WINDOW == stream_id:
            raise protocol_error("A stream depends on itself.")  # RFC 7540, section 5.3.1


def _of(stream_id: int, code: ErrorCode, message: str) -> StreamViolation | ConnectionViolation:
    return StreamViolation(stream_id, code) if stream_id else ConnectionViolation(code, message)
