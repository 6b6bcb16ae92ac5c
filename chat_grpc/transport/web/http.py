"""One connection of HTTP/1.1: joins the parser, the site that answers, and a socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Protocol, cast

from chat_grpc.transport.http2.limits import INSISTING
from chat_grpc.transport.http2.refusals import UNCOUNTED, Refusals
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.identity import uris_in
from chat_grpc.transport.peer import peer_of
from chat_grpc.transport.reading import MeterOf, Reading, unmetered
from chat_grpc.transport.web.limits import SLOW, WebLimits
from chat_grpc.transport.web.messages import Request, Response, encode_head, text_response
from chat_grpc.transport.web.request_parser import Refusal, RequestParser

_LOG = logging.getLogger("chat_grpc.transport")

_SLICE = 4096
"""Bytes that are parsed between two looks at the clock."""

_MAX_UNPARSED = 64 * 1024
"""Received bytes that wait, for a turn or a response; above, the socket is not read."""


class Exchange(Protocol):
    """An answer that takes a while, and ends by `respond`, `end_chunks` or `abort`."""

    def cancel(self) -> None:
        """Give up: the peer is gone."""


class Stream(Protocol):
    """The next protocol of a connection, after an upgrade."""

    def receive(self, data: bytes, until: float) -> int:
        """Handle received bytes up to a time, at least some; return how many."""

    @property
    def full(self) -> bool:
        """True while it takes no more bytes; `HttpConnection.parse_more` ends that."""

    def lost(self) -> None:
        """End: the peer is gone."""

    def writable(self) -> None:
        """Continue to write: the socket's buffer has space again."""

    def check_time(self, now: float) -> None:
        """Enforce the limits of time; called about every second."""

    def close(self) -> None:
        """End because the server does."""


class Site(Protocol):
    """Answers requests."""

    def answer(self, request: Request, connection: HttpConnection) -> Response | Exchange | Stream:
        """Return the response, the exchange that will write it, or the next protocol."""

    def too_large(self, content_type: str) -> Response:
        """Return the response to a request of a content type with a body over the limit."""


class HttpConnection(asyncio.Protocol):
    """The server's side of one connection. Belongs to the event loop.

    The requests of a connection are answered one after the other. The bytes behind a request wait
    until it is answered.
    """

    def __init__(
        self,
        site: Site,
        limits: WebLimits,
        clock: Callable[[], float],
        connections: set[HttpConnection],
        turns: ReadTurns,
        *,
        secured: bool,
        refusals: Refusals = UNCOUNTED,
        meter: MeterOf = unmetered,
    ) -> None:
        """`connections` holds the connection while it is open.

        `turns` and `refusals` are the listener's. `meter` is asked with the peer's address.
        """
        self.peer = ""
        """The peer's address without a port; `unix` for a Unix socket. It may be set before."""
        self.paused = False
        """True while the socket's buffer is full."""
        self._site = site
        self._limits = limits
        self._clock = clock
        self._connections = connections
        self._turns = turns
        self._secured = secured
        self._refusals = refusals
        self._meter = meter
        self._reading: Reading
        self._parser = RequestParser(limits, site.too_large, secured=secured)
        self._transport: asyncio.Transport
        self._certificate: bytes | None = None
        """The client's certificate, in DER."""
        self._input = bytearray()
        self._waits = False
        """True while the connection waits for a turn."""
        self._stream: Stream | None = None
        self._exchange: Exchange | None = None
        self._since = clock()
        """When the request began, or the last response ended."""
        self._in_request = True
        """True from the first byte of a request until it is complete, and before the first one."""
        self._paused_since = 0.0
        self._drained: asyncio.Future[None] | None = None
        self._keep_alive = True
        self._lingers = False
        """True once the last response is written, and the end of the peer is awaited."""
        self._head_only = False

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

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._lingers:
            return
        self._input += data
        self._reading.count(len(data))
        if not self._waits:
            until = self._turns.begin()
            if not until or self._parse(until):
                self._waits = True
                self._turns.wait(self)
        if len(self._input) >= _MAX_UNPARSED:
            self._reading.full = True

    def parse(self, until: float) -> bool:
        """See `Waiting.parse`."""
        self._waits = self._parse(until)
        return self._waits

    def _parse(self, until: float) -> bool:
        """Parse what was received, up to a time; return whether more can be parsed."""
        try:
            while self._can_parse:
                self._step(until)
                if self._clock() >= until:
                    break
        except Exception:
            _LOG.exception("a connection of %s ends because of a defect", self.peer)
            self.abort()
        if len(self._input) < _MAX_UNPARSED:
            self._reading.full = False
        return self._can_parse

    @property
    def _can_parse(self) -> bool:
        if not self._input or self._exchange is not None or self._transport.is_closing():
            return False
        return self._stream is None or not self._stream.full

    def _step(self, until: float) -> None:
        if self._stream is not None:
            del self._input[: self._stream.receive(bytes(self._input), until)]
            return
        piece = bytes(self._input[:_SLICE])
        del self._input[:_SLICE]
        self._feed(piece)

    def eof_received(self) -> bool:
        """Close the connection: the peer sends no more requests, and waits for no response."""
        return False

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self.paused = True
        self._paused_since = self._clock()

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self.paused = False
        self._wake_writer()
        if self._stream is not None:
            self._stream.writable()

    def connection_lost(self, _: Exception | None) -> None:
        """End what is going on."""
        self._connections.discard(self)
        self._reading.stop()
        self._wake_writer()
        self._input.clear()
        stream, self._stream = self._stream, None
        exchange, self._exchange = self._exchange, None
        if stream is not None:
            stream.lost()
        if exchange is not None:
            exchange.cancel()
        self._parser.close()

    # ------------------------------------------------------------ requests

    def _feed(self, piece: bytes) -> None:
        """Parse a piece of requests, and answer one that it completes."""
        if not self._in_request:
            self._in_request, self._since = True, self._clock()
        found = self._parser.feed(piece)
        if self._parser.take_continue():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if isinstance(found, Refusal):
            self.note_refusal(found.limit, f"HTTP {found.response.status}")
            self._keep_alive = False
            self.respond(found.response)
        elif found is not None:
            self._input[:0] = self._parser.rest
            self._answer(found)

    def _answer(self, request: Request) -> None:
        self._head_only = request.method == "HEAD"
        self._keep_alive = self._parser.keep_alive
        self._in_request = False
        answer = self._site.answer(request, self)
        if isinstance(answer, Response):
            self.respond(answer)
        elif hasattr(answer, "receive"):
            self._stream = cast("Stream", answer)
        else:
            self._exchange = answer

    # ------------------------------------------------------------ for the site

    def respond(self, response: Response) -> None:
        """Write a response, and go on with the next request."""
        if self._transport.is_closing():
            return
        headers = [*response.headers]
        if response.status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            headers.append(("content-length", str(len(response.body))))
        head = encode_head(
            response.status, headers, secured=self._secured, close=not self._keep_alive
        )
        self._transport.write(head if self._head_only else head + response.body)
        self._next_request()

    def begin_chunks(self, headers: Sequence[tuple[str, str]]) -> None:
        """Begin a response whose parts follow."""
        head = encode_head(
            200,
            [*headers, ("transfer-encoding", "chunked")],
            secured=self._secured,
            close=not self._keep_alive,
        )
        self._transport.write(head)

    def write_chunk(self, data: bytes) -> None:
        """Write a part of a response; await `drained` before the next one."""
        if not self._transport.is_closing():
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end_chunks(self) -> None:
        """End a response, and go on with the next request."""
        if not self._transport.is_closing():
            self._transport.write(b"0\r\n\r\n")
            self._next_request()

    def _next_request(self) -> None:
        self._exchange = None
        self._since = self._clock()
        self._in_request = False
        if not self._keep_alive:
            self._close_slowly()
            return
        self.parse_more()

    def parse_more(self) -> None:
        """Go on with the bytes that were received, in a later turn."""
        if self._input and not self._waits and not self._transport.is_closing():
            self._turns.begin()
            self._waits = True
            self._turns.wait(self)

    def _close_slowly(self) -> None:
        """Close the connection once the peer does, or after a while.

        If a socket with unread input is closed, TCP resets the connection, and the peer loses the
        response.
        """
        self._input.clear()
        self._lingers = True
        if (
            not self._secured
        ):  # TLS has no half-closed connections: `connection: close` tells the end
            self._transport.write_eof()

    async def drained(self) -> bool:
        """Wait until the socket's buffer has space; return False if the peer is gone."""
        while self.paused and not self._transport.is_closing():
            self._drained = asyncio.get_running_loop().create_future()
            try:
                await self._drained
            finally:
                self._drained = None
        return not self._transport.is_closing()

    def _wake_writer(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def note_refusal(self, limit: str, message: str) -> None:
        """Count a refused request, by the name of its limit; see `Refusals.note`."""
        self._refusals.note(limit, self.peer, message)

    def shut(self) -> bool:
        """See `Duplex.shut`."""
        self.note_refusal(INSISTING, "the caller does not wait for `retry_after`")
        self.abort()
        return True

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`."""
        return () if self._certificate is None else uris_in(self._certificate)

    @property
    def transport(self) -> asyncio.Transport:
        """The socket, for the protocol after an upgrade."""
        return self._transport

    # ------------------------------------------------------------ the end

    def check_time(self, now: float) -> None:
        """Enforce the limits of time; called about every second."""
        limits = self._limits
        if self._reading.over_rate:
            return  # the peer is slow because it is not read
        if self._stream is not None:
            self._stream.check_time(now)
        elif self.paused:
            if now - self._paused_since > limits.stalled:
                self.abort()
        elif self._lingers:
            if now - self._since > limits.closing:
                self._transport.close()
        elif self._exchange is not None:
            return
        elif self._in_request:
            if now - self._since > limits.request:
                self._keep_alive = False
                self.note_refusal(SLOW, "HTTP 408")
                self.respond(text_response(408, "The request is too slow."))
        elif now - self._since > limits.keep_alive:
            self._transport.close()

    def finish(self) -> None:
        """End after the request that is being answered, because the server ends."""
        self._keep_alive = False
        if self._exchange is None:
            self.close()

    def close(self) -> None:
        """Close the connection once everything is written."""
        if self._stream is not None:
            self._stream.close()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()
