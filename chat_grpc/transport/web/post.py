"""A call by POST, as the Connect protocol defines it: the `Duplex` of the application."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Final

from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.duplex import CallEnded, Metadata
from chat_grpc.app.methods import Method
from chat_grpc.transport.web import connect_protocol
from chat_grpc.transport.web.http import HttpConnection
from chat_grpc.transport.web.messages import Response, error_response
from chat_grpc.transport.web.sessions import Session

_IN_THREAD: Final = 4096
"""Bytes from which JSON is converted in a thread: the event loop would stand still meanwhile."""

EXPIRED = status_pb2.Status(
    code=code_pb2.DEADLINE_EXCEEDED, message="The deadline of the call has passed."
)


class PostCall:
    """A call from its request to its response. Belongs to the event loop."""

    def __init__(
        self,
        connection: HttpConnection,
        method: Method,
        body: bytes,
        codec: str,
        metadata: Metadata,
        session: Session,
    ) -> None:
        """`body` is the encoded request, without an envelope."""
        self.peer = connection.peer
        self.metadata = metadata
        self.prompt = None
        self.initial_metadata: Metadata = ()
        """Metadata of the response; set before the first `write`, or before the end."""
        self.trailing_metadata: Metadata = ()
        """Metadata behind the response; set before the end."""
        self._connection = connection
        self._body: bytes | None = body
        self._method = method
        self._codec = codec
        self._streams = method.server_stream is not None
        self._session = session
        self._begun = False
        """True once a part of the response is written."""
        self._ended = False
        self._task: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None

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
        return self._body is not None

    async def read(self) -> bytes | None:
        """See `Duplex.read`; raises `FieldInvalid` for a body that is not one request."""
        body, self._body = self._body, None
        if body is None:
            return None
        if self._codec == connect_protocol.JSON and len(body) >= _IN_THREAD:
            return await asyncio.to_thread(self._decode, body)
        return self._decode(body)

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        if self._ended:
            raise CallEnded
        headers: list[tuple[str, str]] = []
        if not self._streams:
            response, headers = self._session.keep_token(response)
        if self._codec == connect_protocol.JSON and len(response) >= _IN_THREAD:
            encoded = await asyncio.to_thread(self._encode, response)
        else:
            encoded = self._encode(response)
        if self._ended:
            raise CallEnded
        if self._streams:
            self._begin_stream()
            self._connection.write_chunk(connect_protocol.enveloped(encoded))
        else:
            self._begun = True
            self._end()
            headers = [*self._headers(), *headers]
            self._connection.respond(Response(200, headers, encoded))
        if not await self._connection.drained():
            raise CallEnded

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline of the call, or None if it has none."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline.when() - asyncio.get_running_loop().time())

    def _decode(self, body: bytes) -> bytes:
        request: type[Message] = self._method.request
        return connect_protocol.decode(self._codec, request, body)

    def _encode(self, response: bytes) -> bytes:
        return connect_protocol.encode(self._codec, self._method.response, response)

    # ------------------------------------------------------------ the response

    def _headers(self) -> list[tuple[str, str]]:
        kind = connect_protocol.content_type(self._codec, streams=self._streams)
        return [("content-type", kind), ("cache-control", "no-store"), *self._metadata()]

    def _metadata(self) -> list[tuple[str, str]]:
        """Return the headers with the metadata of the response."""
        headers = connect_protocol.headers_of(self.initial_metadata)
        if not self._streams:
            headers += connect_protocol.headers_of(self.trailing_metadata, prefix="trailer-")
        return headers

    def _begin_stream(self) -> None:
        if not self._begun:
            self._begun = True
            self._connection.begin_chunks(self._headers())

    def start(self, dispatcher: Dispatcher, timeout: float | None) -> None:
        """Serve the call; `timeout` is in seconds."""
        loop = asyncio.get_running_loop()
        if timeout is not None:
            self._deadline = loop.call_later(timeout, self._expire)
        serving = self._serve(dispatcher)
        self._task = loop.create_task(serving, name=self._method.path)

    async def _serve(self, dispatcher: Dispatcher) -> None:
        try:
            self._finish(await dispatcher.serve(self._method.path, self))
        except asyncio.CancelledError:
            if not self._ended:
                raise
        finally:
            self._task = None

    def _expire(self) -> None:
        self._finish(EXPIRED)
        if self._task is not None:
            self._task.cancel()

    def _finish(self, status: status_pb2.Status | None) -> None:
        """End the response with a status; None is OK."""
        if self._ended:
            if status is not None:
                self._connection.abort()  # the response was not read in time
            return
        self._end()
        if self._streams:
            self._begin_stream()
            self._connection.write_chunk(
                connect_protocol.end_of_stream(status, self.trailing_metadata)
            )
            self._connection.end_chunks()
        elif status is not None:
            headers = [*self._session.headers_of(status), *self._metadata()]
            self._connection.respond(error_response(status, *headers))
        else:
            self._connection.abort()  # the peer is gone

    def _end(self) -> None:
        self._ended = True
        if self._deadline is not None:
            self._deadline.cancel()

    def cancel(self) -> None:
        """See `Exchange.cancel`."""
        self._end()
        if self._task is not None:
            self._task.cancel()
