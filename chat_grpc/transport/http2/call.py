"""One call over HTTP/2: the `Duplex` of the application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from google.rpc import code_pb2, status_pb2

from chat_grpc.app.duplex import CallEnded
from chat_grpc.transport import REFUSE_WITHIN
from chat_grpc.transport.http2 import grpc
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.grpc import MessageReader, Metadata
from chat_grpc.transport.http2.streams import Stream

if TYPE_CHECKING:
    from chat_grpc.transport.http2.protocol import Http2Protocol

LINGER = 5.0
"""Seconds that the end of a call waits for a message that was sent in part."""

_INCOMPLETE = status_pb2.Status(
    code=code_pb2.INTERNAL, message="The stream ends in the middle of a request."
)


class Call:
    """A call from its headers to its end. Belongs to the event loop.

    `send` takes a response if the peer's windows and the socket have space for it. Otherwise the
    call keeps the rest, and `ready` is False until it is sent. So at most one response of a call
    waits here, and nothing is buffered out of sight.
    """

    __slots__ = (
        "_deadline",
        "_failure",
        "_held",
        "_linger",
        "_messages",
        "_on_ready",
        "_pending",
        "_protocol",
        "_reader",
        "_reading",
        "_received",
        "_remote_ended",
        "_sent_part",
        "_started",
        "_status",
        "_writing",
        "ended",
        "metadata",
        "path",
        "peer",
        "stream",
        "task",
        "trailing_metadata",
    )

    def __init__(
        self,
        protocol: Http2Protocol,
        stream: Stream,
        path: str,
        metadata: Metadata,
        max_message: int,
    ) -> None:
        self.stream = stream
        self.path = path
        self.metadata = metadata
        self.peer = protocol.peer
        self.task: asyncio.Task[None] | None = None
        self.ended = False
        """True once nothing more is sent: the status is, or the peer is gone."""
        self.trailing_metadata: Metadata = ()
        self._protocol = protocol
        self._reader = MessageReader(max_message)
        self._messages: list[bytes] = []
        """Requests that were not read yet; at most about a window full."""
        self._failure: status_pb2.Status | None = None
        """The status of a violation behind the unread requests."""
        self._held = 0
        """Bytes of the window that the unread requests keep."""
        self._reading: asyncio.Future[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self._on_ready: Callable[[], object] | None = None
        self._received = False
        """True once the peer has sent any DATA."""
        self._remote_ended = False
        self._started = False
        self._pending: memoryview | None = None
        """The part of a response that the windows or the socket had no space for."""
        self._sent_part = False
        """True if another part of it was sent."""
        self._status: bytes | None = None
        """The trailers that follow `_pending`."""
        self._deadline: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ Duplex

    @property
    def connection(self) -> Http2Protocol:
        """See `Duplex.connection`."""
        return self._protocol

    @property
    def received(self) -> bool:
        """See `Duplex.received`."""
        return bool(self._messages)

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`."""
        return self._protocol.certificate_uris

    async def read(self) -> bytes | None:
        """See `Duplex.read`."""
        while not self._messages:
            if self._failure is not None:
                self.fail(self._failure)
                raise CallEnded
            if self.ended:
                raise CallEnded
            if self._remote_ended:
                return None
            self._reading = asyncio.get_running_loop().create_future()
            try:
                await self._reading
            finally:
                self._reading = None
        message = self._messages.pop(0)
        if not self._messages and self._held:
            held, self._held = self._held, 0
            self._protocol.consumed(self.stream, held)
        return message

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        self.send(response)
        while self._pending is not None:
            self._writing = asyncio.get_running_loop().create_future()
            try:
                await self._writing
            finally:
                self._writing = None
        if self.ended:
            raise CallEnded

    def shut(self) -> bool:
        """See `Duplex.shut`."""
        self._protocol.shut()
        return True

    @property
    def prompt(self) -> Call:
        """See `Duplex.prompt`."""
        return self

    # ------------------------------------------------------------ sending

    @property
    def ready(self) -> bool:
        """True if `send` may be called."""
        return self._pending is None and not self._protocol.paused and not self.ended

    @property
    def unsent(self) -> int:
        """See `Prompt.unsent`."""
        return len(self._pending) if self._pending is not None else 0

    @property
    def window(self) -> int:
        """See `Prompt.window`."""
        return self._protocol.window(self.stream)

    def send(self, response: bytes) -> None:
        """Send a response, or keep the part for which there is no space. Raises `CallEnded`."""
        if self.ended:
            raise CallEnded
        assert self._pending is None, "the last response is not sent yet"
        self._add_headers()
        prefix, protocol = grpc.prefix(len(response)), self._protocol
        data = protocol.data_frames(self.stream, prefix, response)
        if data is not None:
            protocol.write(data)
            return
        self._pending, self._sent_part = memoryview(prefix + response), False
        self.flush()

    def when_ready(self, callback: Callable[[], object]) -> None:
        """See `Prompt.when_ready`."""
        if not self.ended:
            self._on_ready = callback
            self._protocol.wait(self)

    def start(self, metadata: Metadata = ()) -> None:
        """Send the headers of the response now, for a peer that waits for them."""
        self._add_headers(metadata)
        self._protocol.flush()

    def _add_headers(self, metadata: Metadata = ()) -> None:
        """Put the headers of the response before what is written next, once."""
        if not self._started:
            self._started = True
            block = grpc.RESPONSE + (grpc.encode_metadata(metadata) if metadata else b"")
            self._protocol.send_headers(self.stream, block, end_stream=False)

    def flush(self) -> None:
        """Send what is kept, as far as there is space; then the status, if the call has ended."""
        pending = self._pending
        if pending is not None:
            sent = self._protocol.send_data(self.stream, pending)
            self._sent_part |= sent > 0
            if sent < len(pending):
                self._pending = pending[sent:]
                self._protocol.wait(self)
                return
            self._pending = None
            if self._writing is not None and not self._writing.done():
                self._writing.set_result(None)
        if self._status is not None:
            self._send_status(self._status)
        elif self._on_ready is not None and self.ready:
            on_ready, self._on_ready = self._on_ready, None
            on_ready()
        elif self._on_ready is not None:
            self._protocol.wait(self)

    def finish(self, status: status_pb2.Status | None) -> None:
        """End the call with a status; None is OK.

        A response that was sent in part is completed first, for at most `LINGER` seconds. One that
        was not begun is dropped if the call failed.
        """
        if self.ended or self._status is not None:
            return
        block = grpc.encode_status(status)
        if self.trailing_metadata:
            block += grpc.encode_metadata(self.trailing_metadata)
        loop = asyncio.get_running_loop()
        if not (self._received or self._remote_ended or self._started):
            self._status = block
            self._linger = loop.call_later(REFUSE_WITHIN, self.flush)
        elif self._pending is None or (status is not None and not self._sent_part):
            self._pending = None
            self._send_status(block)
        else:
            self._status = block
            self._linger = loop.call_later(LINGER, self._give_up)

    def _send_status(self, block: bytes) -> None:
        if not self._started:  # Trailers-Only
            block = grpc.RESPONSE + block
        self._protocol.send_headers(self.stream, block, end_stream=True)
        self.close()

    def _give_up(self) -> None:
        if not self.ended:
            self._protocol.reset(self.stream, ErrorCode.CANCEL)
            self.close()

    # ------------------------------------------------------------ receiving

    def take(self, data: bytes) -> None:
        """Take DATA of the request."""
        self._received = True
        if self._status is not None:
            self._protocol.consumed(self.stream, len(data))
            self.flush()
            return
        messages = self._reader.feed(data)
        if messages or self._messages:
            self._messages += messages
            self._held += len(data)
            self._wake_reader()
        else:
            self._protocol.consumed(self.stream, len(data))
        if self._reader.failure is not None:
            self._fail_behind_requests(self._reader.failure.status)

    def _fail_behind_requests(self, status: status_pb2.Status) -> None:
        """Fail the call once the requests before a violation are read.

        So the answer does not depend on how the bytes are divided into frames.
        """
        if not self._messages:
            self.fail(status)
        elif self._failure is None:
            self._failure = status
        self._protocol.count_failed_call()

    def remote_ended(self) -> None:
        """Note the half-close of the peer. A request that it cuts short fails the call."""
        if self._reader.partial:
            self._fail_behind_requests(_INCOMPLETE)
            return
        self._remote_ended = True
        self._wake_reader()
        if self._status is not None:
            self.flush()

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline of the call, or None if it has none."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline.when() - asyncio.get_running_loop().time())

    def set_deadline(self, seconds: float) -> None:
        """End the call with DEADLINE_EXCEEDED after a while."""
        status = status_pb2.Status(
            code=code_pb2.DEADLINE_EXCEEDED, message="The deadline of the call has passed."
        )
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self._expire, status)

    def _expire(self, status: status_pb2.Status) -> None:
        answered = self._started
        self.fail(status)
        if not answered:
            self._protocol.count_failed_call()

    def fail(self, status: status_pb2.Status) -> None:
        """End the call with a status, and cancel its handler."""
        self.finish(status)
        if self.task is not None:
            self.task.cancel()

    def close(self) -> None:
        """Note that nothing more is sent or received.

        Nothing that refers to the call stays, so that it is freed without the garbage collector.
        """
        self.ended = True
        self._pending = None
        self._messages.clear()
        self._on_ready = None
        self._protocol.forget(self)
        for timer in (self._deadline, self._linger):
            if timer is not None:
                timer.cancel()
        self._deadline = self._linger = None
        if self._writing is not None and not self._writing.done():
            self._writing.set_result(None)
        self._wake_reader()

    def _wake_reader(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)
