"""TLS between a socket of the event loop and the protocol of a connection."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import Any, cast

from chat_grpc.transport.http2.limits import LATE, TLS, Limits
from chat_grpc.transport.http2.proxied import Arriving
from chat_grpc.transport.http2.refusals import UNCOUNTED, Refusals
from chat_grpc.transport.http2.turns import ReadTurns
from chat_grpc.transport.peer import peer_of

_READ = 64 * 1024
"""Bytes that one read of decrypted data may return; OpenSSL returns at most a record, 16 KiB."""


class TlsConnection(asyncio.Transport, asyncio.Protocol):
    """The server's side of TLS: a protocol for the socket, and a transport for another.

    asyncio's own TLS does not fit. A listener of asyncio tells about a connection only after its
    handshake, so connections that never complete one would count for no limit, and could take all
    open files. It also keeps a buffer of 256 KiB for each connection, and a connection that ends
    stays open until its peer has answered. With `loop.start_tls` uvloop loses what arrives first.
    """

    def __init__(
        self,
        protocol: asyncio.Protocol,
        context: ssl.SSLContext,
        limits: Limits,
        handshakes: set[Arriving],
        turns: ReadTurns,
        refusals: Refusals = UNCOUNTED,
    ) -> None:
        """`handshakes` holds the connection until its handshake is complete or has failed.

        `turns` and `refusals` are shared by all connections of a listener.
        """
        super().__init__()
        self.peer = ""
        """See `Arriving.peer`."""
        self._protocol = protocol
        self._limits = limits
        self._handshakes = handshakes
        self._turns = turns
        self._refusals = refusals
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._opened = time.monotonic()
        self._ready = False
        """True from the end of the handshake to that of the connection."""
        self._closing = False
        self._socket: asyncio.Transport

    # ------------------------------------------------------------ the protocol of the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        self._socket = cast("asyncio.Transport", transport)
        self.peer = self.peer or peer_of(transport)
        self._handshakes.add(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._incoming.write(data)
        # A handshake takes as long as hundreds of requests, and many clients may come at once.
        if self._ready or self._turns.begin():
            self._advance()
        else:
            self._turns.wait(self)
            self._socket.pause_reading()

    def parse(self, until: float) -> bool:
        """See `Waiting.parse`: a handshake continues."""
        if not self.is_closing():
            self._socket.resume_reading()
            self._advance()
        return False

    def _advance(self) -> None:
        """Handle what has arrived."""
        try:
            if self._ready or self._complete_handshake():
                self._receive()
        except ssl.SSLError as error:
            self._refusals.note(TLS, self.peer, f"TLS failed: {error}")
            self._flush()  # the alert
            self._closing = True
            self._socket.close()

    def eof_received(self) -> bool:
        """Close the connection: HTTP/2 has no half-closed connections."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.BaseProtocol`."""
        self._closing = True
        self._handshakes.discard(self)
        protocol, ready = self._protocol, self._ready
        # The two refer to each other; without this only the garbage collector would free them.
        del self._protocol
        self._ready = False
        if ready:
            protocol.connection_lost(error)

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        if self._ready:
            self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        if self._ready:
            self._protocol.resume_writing()

    def check_time(self, now: float) -> None:
        """End a handshake that takes too long; called about every second."""
        if not self._ready and now - self._opened > self._limits.handshake:
            self._refusals.note(LATE, self.peer, "The TLS handshake did not end in time.")
            self.abort()

    def _complete_handshake(self) -> bool:
        """Continue the handshake; return whether it is complete. Raises `ssl.SSLError`."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._ready = True
        self._handshakes.discard(self)
        self._protocol.connection_made(self)
        return True

    def _receive(self) -> None:
        """Decrypt what has arrived. Raises `ssl.SSLError`."""
        parts = []
        ended = False
        try:
            while part := self._tls.read(_READ):
                parts.append(part)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            ended = True
        self._flush()  # the answer to a change of keys
        if parts:
            self._protocol.data_received(b"".join(parts))
        if ended:  # by a close_notify of the peer
            self.close()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._socket.is_closing():
            self._socket.write(self._outgoing.read())

    # ------------------------------------------------------------ the transport of the protocol

    def write(self, data: Any) -> None:
        """Encrypt and write bytes."""
        if self._closing:
            return
        left = memoryview(data)
        while left:
            left = left[self._tls.write(left) :]
        self._flush()

    def pause_reading(self) -> None:
        """See `asyncio.ReadTransport`: everything that has arrived is decrypted already."""
        if not self.is_closing():
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        if not self.is_closing():
            self._socket.resume_reading()

    def can_write_eof(self) -> bool:
        """Return False: after a close_notify nothing more could be received, either."""
        return False

    def close(self) -> None:
        """Close the connection once everything is written, with a close_notify.

        That of the peer is not awaited: RFC 8446, section 6.1, does not ask for it.
        """
        if self._closing:
            return
        if self._ready:
            with contextlib.suppress(ssl.SSLError):  # there is no close_notify of the peer yet
                self._tls.unwrap()
            self._flush()
        self._closing = True
        self._socket.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._closing = True
        self._socket.abort()

    def is_closing(self) -> bool:
        """Return whether the connection is closed, or will be."""
        return self._closing or self._socket.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `asyncio.BaseTransport`; `client_certificate` is in DER, None without one."""
        if name == "client_certificate":
            return self._tls.getpeercert(binary_form=True) or default
        if name == "peername":  # behind a proxy it is not that of the socket
            return self.peer, 0
        return self._socket.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        """Return the number of encrypted bytes that wait for the socket."""
        return self._socket.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """See `asyncio.WriteTransport`; the limits apply to the encrypted bytes."""
        self._socket.set_write_buffer_limits(high, low)
