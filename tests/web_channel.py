"""A channel of grpcio's stubs that calls the web transport: POSTs and WebSockets.

So the tests of the contract run on it unchanged, except those of a half-close, which it has not.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from typing import Any, Self

import grpc
import httpx2
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc import aio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close, CloseCode
from websockets.protocol import State

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_NUMBERS = {
    "canceled": code_pb2.CANCELLED,
    **{name.lower(): number for name, number in code_pb2.Code.items()},
}
_SERVER_STREAMS = (
    "/chat_grpc.v1.AccountService/ExportData",
    "/chat_grpc.v1.AdminService/Backup",
)
_UNREACHABLE = status_pb2.Status(code=code_pb2.UNAVAILABLE, message="The connection is lost.")


class WebChannel:
    """Calls of one client, on connections of its own."""

    def __init__(self, port: int, authority: bytes | None = None) -> None:
        """`authority` is the certificate of the server's authority, for TLS."""
        self.tls: ssl.SSLContext | None = None
        if authority is not None:
            self.tls = ssl.create_default_context(cadata=authority.decode())
        self.address = f"127.0.0.1:{port}"
        secure = "s" if self.tls is not None else ""
        self.http = httpx2.AsyncClient(
            base_url=f"http{secure}://{self.address}",
            verify=self.tls if self.tls is not None else False,
            timeout=None,
            trust_env=False,
        )
        self.socket_url = f"ws{secure}://{self.address}"
        self._streams: list[WebStream] = []

    def unary_unary(
        self,
        path: str,
        request_serializer: Any = bytes,
        response_deserializer: Any = bytes,
        **_: Any,
    ) -> Any:
        """See `aio.Channel`."""

        def call(request: Any, metadata: Any = None, timeout: float | None = None) -> _UnaryCall:
            return _UnaryCall(
                self._post(
                    path, request_serializer(request), response_deserializer, metadata, timeout
                )
            )

        return call

    async def _post(
        self, path: str, body: bytes, parse: Callable[[bytes], Any], metadata: Any, timeout: Any
    ) -> Any:
        headers = {"content-type": "application/proto", "connect-protocol-version": "1"}
        headers.update(metadata or ())
        if timeout is not None:
            headers["connect-timeout-ms"] = str(int(timeout * 1000))
        try:
            response = await self.http.post(path, content=body, headers=headers)
        except httpx2.TransportError as error:
            raise rpc_error(_UNREACHABLE) from error
        if response.status_code == 200:
            return parse(response.content)
        raise rpc_error(status_of(response.json()))

    def unary_stream(
        self,
        path: str,
        request_serializer: Any = bytes,
        response_deserializer: Any = bytes,
        **_: Any,
    ) -> Any:
        """See `aio.Channel`."""

        def call(request: Any, metadata: Any = None) -> _ServerStream:
            body = request_serializer(request)
            return _ServerStream(self._stream(path, body, response_deserializer, metadata))

        return call

    async def _stream(
        self, path: str, body: bytes, parse: Callable[[bytes], Any], metadata: Any
    ) -> AsyncGenerator[Any, None]:
        headers = {"content-type": "application/connect+proto", **dict(metadata or ())}
        envelope = struct.pack(">BI", 0, len(body)) + body
        async with self.http.stream("POST", path, content=envelope, headers=headers) as response:
            if response.status_code != 200:
                raise rpc_error(status_of(json.loads(await response.aread())))
            rest = b""
            async for part in response.aiter_raw():
                rest += part
                while len(rest) >= 5 and len(rest) >= 5 + struct.unpack_from(">BI", rest)[1]:
                    flags, size = struct.unpack_from(">BI", rest)
                    data, rest = rest[5 : 5 + size], rest[5 + size :]
                    if flags & 2:
                        if error := json.loads(data).get("error"):
                            raise rpc_error(status_of(error))
                        return
                    yield parse(data)

    def stream_stream(
        self,
        path: str,
        request_serializer: Any = bytes,
        response_deserializer: Any = bytes,
        **_: Any,
    ) -> Any:
        """See `aio.Channel`."""

        def call(requests: Any = (), metadata: Any = None) -> WebStream | _ServerStream:
            if path in _SERVER_STREAMS:
                (body,) = requests
                return _ServerStream(self._stream(path, body, response_deserializer, metadata))
            stream = WebStream(self, path, request_serializer, response_deserializer, metadata)
            stream.requests = list(requests)
            self._streams.append(stream)
            return stream

        return call

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """See `aio.Channel`."""
        for stream in self._streams:
            await stream.close()
        await self.http.aclose()


aio.Channel.register(WebChannel)


class _UnaryCall:
    """A unary call that runs from its creation on."""

    def __init__(self, calling: Awaitable[Any]) -> None:
        self._task = asyncio.ensure_future(calling)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._task.__await__()

    def cancel(self) -> None:
        """See `aio.Call`."""
        self._task.cancel()

    async def code(self) -> grpc.StatusCode:
        """See `aio.Call`."""
        await asyncio.wait([self._task])
        error = self._task.exception()
        return error.code() if isinstance(error, aio.AioRpcError) else grpc.StatusCode.OK

    async def details(self) -> str:
        """See `aio.Call`."""
        await asyncio.wait([self._task])
        error = self._task.exception()
        return str(error.details()) if isinstance(error, aio.AioRpcError) else ""


class _ServerStream:
    """A call with a stream of responses."""

    def __init__(self, responses: AsyncGenerator[Any, None]) -> None:
        self._responses = responses

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._responses

    def cancel(self) -> None:
        """See `aio.Call`: the connection ends with the channel."""

    async def read(self) -> Any:
        """See `aio.UnaryStreamCall`."""
        return await anext(self._responses, aio.EOF)


class WebStream:
    """A stream over a WebSocket."""

    def __init__(
        self, channel: WebChannel, path: str, serialize: Any, parse: Any, metadata: Any
    ) -> None:
        self._serialize = serialize
        self._parse = parse
        self.requests: list[Any] = []
        """The requests that iteration sends first."""
        self._cancelled = False
        self._reading = False
        self._opening = asyncio.ensure_future(self._open(channel, path, metadata))

    async def _open(self, channel: WebChannel, path: str, metadata: Any) -> ClientConnection:
        headers = dict(metadata or ())
        url = f"{channel.socket_url}{path}"
        try:
            return await connect(
                url,
                ssl=channel.tls,
                additional_headers=headers,
                compression=None,
                max_size=None,
                proxy=None,
                ping_interval=None,
            )
        except InvalidStatus as refused:
            raise rpc_error(status_of(json.loads(refused.response.body))) from None
        except OSError as error:
            raise rpc_error(_UNREACHABLE) from error

    async def __aiter__(self) -> AsyncGenerator[Any, None]:
        for request in self.requests:
            await self.write(request)
        while (response := await self.read()) is not aio.EOF:
            yield response

    async def write(self, request: Any) -> None:
        """See `aio.StreamStreamCall`."""
        socket = await self._opening
        try:
            await socket.send(self._serialize(request))
            await asyncio.sleep(0)  # `send` does not give way to other tasks
        except ConnectionClosed:
            return  # reading tells the status

    async def read(self) -> Any:
        """See `aio.StreamStreamCall`."""
        socket = await self._opening
        self._reading = True
        try:
            return self._parse(await socket.recv())
        except ConnectionClosed as closed:
            status = self._status(closed.rcvd)
            if status.code:
                raise rpc_error(status) from None
            return aio.EOF
        finally:
            self._reading = False

    async def code(self) -> grpc.StatusCode:
        """See `aio.Call`."""
        return _CODES[(await self._end()).code]

    async def details(self) -> str:
        """See `aio.Call`."""
        return str((await self._end()).message)

    async def initial_metadata(self) -> aio.Metadata:
        """See `aio.Call`: there is none."""
        return aio.Metadata()

    async def trailing_metadata(self) -> aio.Metadata:
        """See `aio.Call`."""
        return _trailers(await self._end())

    def done(self) -> bool:
        """See `aio.Call`."""
        if not self._opening.done():
            return False
        return self._opening.exception() is not None or (
            self._opening.result().state is State.CLOSED
        )

    async def _end(self) -> status_pb2.Status:
        if self._reading:  # the rest is read elsewhere
            socket = await self._opening
            await socket.wait_closed()
            return self._status(socket.protocol.close_rcvd)
        try:
            while await self.read() is not aio.EOF:
                pass
        except aio.AioRpcError as error:
            for key, value in error.trailing_metadata():
                if key == "grpc-status-details-bin":
                    return status_pb2.Status.FromString(value)
        return status_pb2.Status()

    def cancel(self) -> None:
        """See `aio.Call`."""
        self._cancelled = True
        if self._opening.done() and self._opening.exception() is None:
            self._opening.result().transport.abort()
        else:
            self._opening.cancel()

    async def close(self) -> None:
        """End the stream, and wait until its connection is closed."""
        self.cancel()
        await asyncio.gather(self._opening, return_exceptions=True)
        if not self._opening.cancelled() and self._opening.exception() is None:
            await self._opening.result().wait_closed()

    def _status(self, close: Close | None) -> status_pb2.Status:
        """Return the status that a close frame tells."""
        if self._cancelled:
            return status_pb2.Status(code=code_pb2.CANCELLED)
        if close is None:
            return _UNREACHABLE
        code, text = close.code, close.reason
        if code == 1000:
            return status_pb2.Status()
        if code == CloseCode.MESSAGE_TOO_BIG:
            return status_pb2.Status(code=code_pb2.RESOURCE_EXHAUSTED, message=text)
        if code < 4000:
            return status_pb2.Status(code=code_pb2.INTERNAL, message=f"{code} {text}")
        reason, _, message = text.partition(": ")
        status = status_pb2.Status(code=code - 4000, message=message)
        if reason:
            info = error_details_pb2.ErrorInfo(reason=reason, domain="chat_grpc")
            status.details.add().Pack(info)
        return status


def status_of(error: dict[str, Any]) -> status_pb2.Status:
    """Return the status in the JSON of a Connect error."""
    status = status_pb2.Status(code=_NUMBERS[error["code"]], message=error.get("message", ""))
    for detail in error.get("details", ()):
        value = detail["value"]
        packed = base64.b64decode(value + "=" * (-len(value) % 4))
        name = f"type.googleapis.com/{detail['type']}"
        status.details.append(AnyMessage(type_url=name, value=packed))
    return status


def rpc_error(status: status_pb2.Status) -> aio.AioRpcError:
    """Return the error of a stub for a status."""
    code = _CODES[status.code]
    return aio.AioRpcError(code, aio.Metadata(), _trailers(status), details=status.message)


def _trailers(status: status_pb2.Status) -> aio.Metadata:
    return aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))
