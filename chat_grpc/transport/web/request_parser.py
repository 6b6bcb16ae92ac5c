"""Parses the requests of a connection of HTTP/1.1, and enforces their sizes; without I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import httptools

from chat_grpc.transport.http2.limits import PROTOCOL
from chat_grpc.transport.web import connect_protocol
from chat_grpc.transport.web.limits import SIZES, WebLimits
from chat_grpc.transport.web.messages import Request, Response, text_response


class Refusal(NamedTuple):
    """A request that is not answered otherwise, because it is malformed or too large."""

    limit: str
    """The name of its limit; see `Refusals.note`."""
    response: Response


class RequestParser:
    """Parses requests that come one after the other. After a refusal it is of no more use."""

    def __init__(
        self, limits: WebLimits, too_large: Callable[[str], Response], *, secured: bool
    ) -> None:
        """`too_large` returns the response to a large body of a content type.

        `secured` is whether the requests come by TLS.
        """
        self._limits = limits
        self._too_large = too_large
        self._secured = secured
        self._parser = httptools.HttpRequestParser(self)
        self.keep_alive = True
        """True if the connection may be kept after the newest request."""
        self.rest = b""
        """The bytes behind a request that upgrades the connection."""
        self._awaits_continue = False
        self._reset()

    def _reset(self) -> None:
        """Prepare for the next request."""
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._max_body = self._limits.max_body
        self._size = self._head_size = self._fed = 0
        self._in_head = True
        self._complete = False
        self._refusal: Refusal | None = None

    def feed(self, piece: bytes) -> Request | Refusal | None:
        """Parse some bytes; return the request that they complete, or why it is refused."""
        if self._in_head:
            self._fed += len(piece)
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self.rest = piece[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            if not self._complete:
                self._refuse(PROTOCOL, text_response(400, f"The request is malformed: {error}."))
        if max(self._head_size, self._fed if self._in_head else 0) > self._limits.max_head:
            message = f"Headers have at most {self._limits.max_head} bytes."
            self._refuse(SIZES, text_response(431, message))
        if self._refusal is not None:
            return self._refusal
        return self._request() if self._complete else None

    def take_continue(self) -> bool:
        """Return True once if the client waits for `100 Continue` before it sends the body."""
        awaited, self._awaits_continue = self._awaits_continue, False
        return awaited

    def close(self) -> None:
        """End: the two parsers refer to each other."""
        del self._parser

    def _request(self) -> Request:
        request = Request(
            self._parser.get_method().decode("ascii"),
            self._target.partition(b"?")[0].decode("ascii", "replace"),
            tuple(self._headers),
            b"".join(self._body),
            self._secured,
            upgrades=self._parser.should_upgrade(),
        )
        if request.upgrades:
            self.keep_alive = False  # the parser of httptools has ended
        self._reset()
        return request

    def _refuse(self, limit: str, response: Response) -> None:
        if self._refusal is None:
            self._refusal = Refusal(limit, response)

    # ------------------------------------------------------------ called by httptools

    def on_message_begin(self) -> None:
        """See `httptools`."""
        if self._complete:
            # A request behind the one that is answered, in the same piece: it is not answered, and
            # its client sends it again on another connection (RFC 9112, section 9.3.2).
            self.keep_alive = False

    def on_url(self, url: bytes) -> None:
        """See `httptools`."""
        if not self._complete:
            self._target += url
            self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See `httptools`."""
        if not self._complete:
            self._headers.append((name.lower(), value))
            self._head_size += len(name) + len(value) + 4

    def on_headers_complete(self) -> None:
        """See `httptools`."""
        if self._complete:
            return
        self._in_head = False
        named = dict(self._headers)
        length = named.get(b"content-length", b"0")
        kind = named.get(b"content-type", b"").decode("latin-1")
        if connect_protocol.is_stream(kind):
            self._max_body += connect_protocol.ENVELOPE_SIZE
        if int(length) > self._max_body:
            self._refuse(SIZES, self._too_large(kind))
        elif named.get(b"expect", b"").lower() == b"100-continue":
            self._awaits_continue = True

    def on_body(self, body: bytes) -> None:
        """See `httptools`."""
        if self._complete or self._refusal is not None:
            return
        self._size += len(body)
        self._body.append(body)
        if self._size > self._max_body:
            kind = dict(self._headers).get(b"content-type", b"").decode("latin-1")
            self._refuse(SIZES, self._too_large(kind))

    def on_message_complete(self) -> None:
        """See `httptools`."""
        if not self._complete:
            self._complete = True
            self.keep_alive = self._parser.should_keep_alive()
