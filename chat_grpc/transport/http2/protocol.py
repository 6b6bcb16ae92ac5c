"""One connection: joins the HTTP/2 state machine, its calls, and a socket of the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from google.rpc import status_pb2

from chat_grpc.transport.http2 import grpc
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.errors import ConnectionViolation, too_much
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.grpc import CallError
from chat_grpc.transport.http2.headers import FirstSections
from chat_grpc.transport.http2.http1 import NOT_HTTP2, begins_http1
from chat_grpc.transport.http2.limits import HEADERS, INSISTING, LATE, UNREAD, Limits
from chat_grpc.transport.http2.refusals import UNCOUNTED, Refusals
from chat_grpc.transport.http2.sending import NewestFrames
from chat_grpc.transport.http2.streams import (
    DataReceived,
    Event,
    RequestEnded,
    RequestStarted,
    Stream,
    StreamEnded,
    WindowOpened,
)
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import uris_in
from chat_grpc.transport.peer import peer_of
from chat_grpc.transport.reading import MeterOf, Reading, unmetered

_LOG = logging.getLogger("chat_grpc.transport")


_MAX_UNPARSED = 64 * 1024
"""Received bytes of one connection that wait for a turn; above, its socket is not read."""

_LINGER = 1.0
"""Seconds from GOAWAY to the end of a connection whose peer does not close it.

If a socket with unread input is closed, TCP resets the connection, and the peer loses the GOAWAY
that tells the reason.
"""


class Service(Protocol):
    """Serves calls, for example a dispatcher of the application."""

    def serves(self, path: str) -> bool:
        """Return whether there is a method with this path."""

    async def serve(self, path: str, duplex: Call) -> status_pb2.Status | None:
        """Serve a call to its end, and return its status; None is OK."""


class Http2Protocol(asyncio.Protocol):
    """The server's side of one connection. Belongs to the event loop."""

    def __init__(
        self,
        service: Service,
        limits: Limits,
        clock: Callable[[], float],
        connections: set[Http2Protocol],
        turns: ReadTurns,
        firsts: FirstSections,
        newest: NewestFrames,
        refusals: Refusals = UNCOUNTED,
        not_http2: bytes = NOT_HTTP2,
        meter: MeterOf = unmetered,
    ) -> None:
        """`connections` holds the connection while it is open. `clock` is that of `Connection`.

        `turns`, `firsts`, `newest` and `refusals` are shared by all connections of a listener.
        `not_http2` is the response to HTTP/1.1. `meter` is asked with the peer's address.
        """
        self.peer = ""
        """The peer's address without a port; `unix` for a Unix socket. It may be set before."""
        self._certificate: bytes | None = None
        """The certificate of the client, in DER."""
        self.paused = False
        """True while the socket's buffer is full."""
        self._service = service
        self._limits = limits
        self._clock = clock
        self._connections = connections
        self._turns = turns
        self._refusals = refusals
        self._not_http2 = not_http2
        self._meter = meter
        self._reading: Reading
        self._unparsed: list[bytes] = []
        """Received bytes that wait for a turn."""
        self._waits = False
        """True while the connection waits for a turn."""
        self._connection = Connection(clock, limits, firsts, newest)
        self._transport: asyncio.Transport
        self._opened = self._last_received = self._idle_since = clock()
        self._pinged = 0.0
        self._waiting: dict[Call, None] = {}
        """Calls that have a response to send and no space for it, in turn."""
        self._receiving = False
        self._closer: asyncio.TimerHandle | None = None
        """Closes the connection after GOAWAY."""

    # ------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(self._limits.write_buffer)
        self.peer = self.peer or peer_of(transport)
        self._reading = Reading(self._transport, self._meter(self.peer))
        self._certificate = transport.get_extra_info("client_certificate")
        self._connections.add(self)
        # The settings wait for the client's preface: a client of HTTP/1.1 gets a clear refusal.

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._closer is not None:
            return
        self._last_received = self._clock()
        self._reading.count(len(data))
        until = self._turns.begin()
        if until and not self._waits:
            more = self._try_to_receive(data, until)
        else:
            self._unparsed.append(data)
            more = True
        if more and not self._waits:
            self._waits = True
            self._turns.wait(self)
        if self._waits:
            self._hold_if_full()

    def _hold_if_full(self) -> None:
        """Stop reading the socket if too much waits for a turn."""
        if self._connection.unparsed + sum(map(len, self._unparsed)) >= _MAX_UNPARSED:
            self._reading.full = True

    def parse(self, until: float) -> bool:
        """See `Waiting.parse`."""
        data = b"".join(self._unparsed)
        self._unparsed.clear()
        ends = self._closer is not None or self._transport.is_closing()
        self._waits = not ends and self._try_to_receive(data, until)
        if not self._waits:
            self._reading.full = False
        return self._waits

    def _try_to_receive(self, data: bytes, until: float) -> bool:
        """Receive; return whether more is left. A defect ends the connection, and no other."""
        try:
            self._receive(data, until)
        except Exception:
            _LOG.exception("a connection of %s ends because of a defect", self.peer)
            self._transport.abort()
            return False
        return self._connection.more and self._connection.failed is None

    def _receive(self, data: bytes, until: float) -> None:
        connection = self._connection
        first = not connection.ready and connection.failed is None
        self._receiving = True
        try:
            for event in connection.receive(data, until):
                self._handle(event)
                if self._closer is not None:
                    break  # it ended because of this event
        finally:
            self._receiving = False
        if connection.failed is None:
            self._flush_output()
            self._check_unsent()
            return
        if first and begins_http1(data):
            self._transport.write(self._not_http2)
            connection.take_output()
        self._end(connection.failed)

    def eof_received(self) -> bool:
        """Close the connection: HTTP/2 has no half-closed connections."""
        return False

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self.paused = True

    def resume_writing(self) -> None:
        """Let the calls that wait send, in turn."""
        self.paused = False
        self._flush_waiting()

    def connection_lost(self, _: Exception | None) -> None:
        """Cancel the handlers of all calls."""
        self._connections.discard(self)
        self._reading.stop()
        if self._closer is not None:
            self._closer.cancel()
        self._drop_all()

    def _drop_all(self) -> None:
        """Forget all streams."""
        self.paused = True
        streams, self._connection.streams = self._connection.streams, {}
        for stream in streams.values():
            self._drop(stream)
        self._waiting.clear()

    # ------------------------------------------------------------ events

    def _handle(self, event: Event) -> None:
        match event:
            case DataReceived(stream, data):
                call = stream.owner
                if call is None or call.ended:
                    self._connection.consumed(stream, len(data))
                else:
                    call.take(data)
            case RequestStarted():
                self._start(event)
            case RequestEnded(stream):
                if stream.owner is not None:
                    stream.owner.remote_ended()
            case WindowOpened(None):
                self._flush_waiting()
            case WindowOpened(stream):
                if stream is not None and stream.owner is not None:
                    self._flush_call(stream.owner)
            case StreamEnded(stream):
                self._drop(stream)

    def _start(self, started: RequestStarted) -> None:
        """Begin a call, or refuse it."""
        stream, section = started
        request: grpc.Request | None = section.memo
        if request is None:
            pseudo, _ = section.request()
            error_block = grpc.http_error(pseudo[b":method"], section.headers)
            if error_block is not None:
                self._connection.send_headers(stream, error_block, end_stream=True)
                self.count_failed_call()
                return
            path = pseudo[b":path"].decode("ascii", "replace")
            try:
                request = section.memo = grpc.request_of(
                    section.headers, path, self._limits.max_metadata, self._service.serves
                )
            except CallError as error:
                call = stream.owner = Call(self, stream, path, (), self._limits.max_message)
                call.finish(error.status)
                self.count_failed_call()
                return
        path, metadata, timeout = request
        call = stream.owner = Call(self, stream, path, metadata, self._limits.max_message)
        if timeout is not None:
            call.set_deadline(timeout)
        call.task = asyncio.get_running_loop().create_task(self._serve(call), name=path)

    async def _serve(self, call: Call) -> None:
        try:
            call.finish(await self._service.serve(call.path, call))
        except asyncio.CancelledError:
            if not call.ended:
                raise
        finally:
            call.task = None

    def _drop(self, stream: Stream) -> None:
        """Forget a stream that ended: its handler is cancelled."""
        call: Call | None = stream.owner
        if call is None:
            return
        call.close()
        if call.task is not None:
            call.task.cancel()

    # ------------------------------------------------------------ for calls

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`."""
        return () if self._certificate is None else uris_in(self._certificate)

    def write(self, data: bytes) -> None:
        """Write frames, behind the frames that wait for the end of `data_received`."""
        output = self._connection.take_output()
        self._transport.write(output + data if output else data)

    def data_frames(self, stream: Stream, prefix: bytes, message: bytes) -> bytes | None:
        """Return the DATA frames of a message, or None if there is no space for it."""
        return None if self.paused else self._connection.data_frames(stream, prefix, message)

    def window(self, stream: Stream) -> int:
        """Return the number of bytes of DATA that the peer accepts on a stream now."""
        return self._connection.sendable(stream)

    def send_data(self, stream: Stream, data: memoryview) -> int:
        """Send some data as far as there is space; return how many bytes were sent."""
        if self.paused:
            return 0
        sent = self._connection.send_data(stream, data)
        self.flush()
        return sent

    def send_headers(self, stream: Stream, block: bytes, *, end_stream: bool) -> None:
        """Send a header block."""
        self._connection.send_headers(stream, block, end_stream=end_stream)
        if end_stream:
            self.flush()

    def reset(self, stream: Stream, code: ErrorCode) -> None:
        """End a stream at once."""
        self._connection.reset(stream, code)
        self.flush()

    def consumed(self, stream: Stream, size: int) -> None:
        """Give bytes of a request back to the window of its stream."""
        if self._connection.consumed(stream, size):
            self.flush()

    def wait(self, call: Call) -> None:
        """Flush a call when there is space again."""
        self._waiting[call] = None

    def forget(self, call: Call) -> None:
        """Forget a call that has ended."""
        self._waiting.pop(call, None)
        call.stream.owner = None

    def flush(self) -> None:
        """Write the frames of the connection, unless the end of `data_received` does it."""
        if not self._receiving:
            self._flush_output()

    def _flush_output(self) -> None:
        output = self._connection.take_output()
        if output and self._closer is None and not self._transport.is_closing():
            self._transport.write(output)
        if not self._connection.streams:
            self._idle_since = self._clock()

    def _flush_call(self, call: Call) -> None:
        if call in self._waiting:
            del self._waiting[call]
            call.flush()

    def _flush_waiting(self) -> None:
        """Let each call that waits send once, the one that waited longest first."""
        for call in list(self._waiting):
            if self.paused or self._connection.send_window <= 0:
                return
            self._flush_call(call)

    # ------------------------------------------------------------ the end

    def _check_unsent(self) -> None:
        """End a connection whose peer sends but does not read."""
        if self._transport.get_write_buffer_size() > self._limits.max_unsent_control + (
            self._limits.write_buffer
        ):
            self._end(too_much("Read the responses.", UNREAD))

    def check_time(self, now: float) -> None:
        """Enforce the limits of time; called about every second."""
        connection, limits = self._connection, self._limits
        if self._reading.over_rate:
            self._last_received = now  # the peer is silent because it is not read
        if self._closer is not None:
            if now - self._last_received > limits.keepalive_timeout:
                self._transport.abort()  # the peer does not read
        elif not connection.ready:
            if now - self._opened > limits.handshake:
                self._refusals.note(LATE, self.peer, "HTTP/2 did not begin in time.")
                self._transport.abort()
        elif connection.block_since and now - connection.block_since > limits.header_block:
            self._end(too_much("The headers are slow.", HEADERS))
        elif connection.unanswered_pings:
            if now - max(self._pinged, self._last_received) > limits.keepalive_timeout:
                self._transport.abort()
        elif not connection.streams and now - self._idle_since > limits.idle:
            self._end(ConnectionViolation(ErrorCode.NO_ERROR, "The connection is idle."))
        elif now - self._last_received > limits.keepalive:
            connection.ping()
            self._pinged = now
            self._flush_output()

    def announce_end(self) -> None:
        """Ask the peer to open no more calls."""
        self._connection.announce_end()
        self._pinged = self._clock()
        self._flush_output()

    @property
    def awaits_answer(self) -> bool:
        """True while the peer has not answered a PING: calls may be on their way."""
        return self._connection.unanswered_pings > 0

    def refuse_calls(self) -> None:
        """Refuse new calls."""
        self._connection.refuse_streams()
        self._flush_output()

    @property
    def call_count(self) -> int:
        """The number of open calls."""
        return len(self._connection.streams)

    def count_failed_call(self) -> None:
        """Count a call that the application did not answer; end the connection for too many.

        No limit of the application concerns them: calls of unknown methods, malformed requests,
        and calls whose deadline is over at once.
        """
        if (violation := self._connection.count_failed_call()) is not None:
            self._end(violation)

    def shut(self) -> None:
        """End the connection of a caller who insists."""
        self._end(too_much("Wait for the `retry_after` of each refusal.", INSISTING))

    def close(self) -> None:
        """Close the connection once everything is written."""
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def _end(self, violation: ConnectionViolation) -> None:
        """Write GOAWAY, end all calls, and close once the peer does, or after a while."""
        if self._closer is not None:
            return
        if violation.code:
            self._refusals.note(violation.limit, self.peer, violation.message)
        self._connection.fail(violation)
        self._flush_output()
        self._drop_all()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        loop = asyncio.get_running_loop()
        self._closer = loop.call_later(_LINGER, self._transport.close)
