"""The `ConformanceService` of Connect's suite, and the program that its runner starts.

`python -m peers.conformance_service LOOP` reads a `ServerCompatRequest`, serves on `asyncio` or
`uvloop`, and writes a `ServerCompatResponse`; the messages on the standard streams have their size
before them.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import struct
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from google.rpc import status_pb2
from peers.messages import Failed, Handlers, Messages, Metadata, only_request, requests
from peers.tools import installed

from chat_grpc.transport.admission import Admission
from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.limits import DEFAULT_LIMITS, Limits
from chat_grpc.transport.http2.server import Http2Transport
from chat_grpc.transport.web.post import PostCall

PACKAGE = "connectrpc.conformance.v1"
_ANY = "type.googleapis.com/"
_SIZE = struct.Struct(">I")


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a program on the event loop that its argument names."""
    if sys.argv[1] == "uvloop":
        import uvloop

        uvloop.run(main())
    else:
        asyncio.run(main())


def conformance_service(messages: Messages) -> Handlers:
    """Return the service. `messages` has the package `connectrpc.conformance.v1`."""
    service = _ConformanceService(messages)
    return Handlers(
        f"{PACKAGE}.ConformanceService",
        {
            "Unary": service.unary,
            "IdempotentUnary": service.idempotent_unary,
            "ClientStream": service.client_stream,
            "ServerStream": service.server_stream,
            "BidiStream": service.bidi_stream,
        },
    )


class _ConformanceService:
    """Does what the definition in the first request says. Its proto file has the rules."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def _kind(self, name: str) -> Any:
        return self._messages[f"{PACKAGE}.{name}"]

    async def unary(self, call: Call | PostCall) -> None:
        """One request, one response."""
        request = await only_request(call, self._kind("UnaryRequest"))
        await self._answer(call, "UnaryResponse", [request])

    async def idempotent_unary(self, call: Call | PostCall) -> None:
        """One request, one response."""
        request = await only_request(call, self._kind("IdempotentUnaryRequest"))
        await self._answer(call, "IdempotentUnaryResponse", [request])

    async def client_stream(self, call: Call | PostCall) -> None:
        """Many requests, one response."""
        received = [r async for r in requests(call, self._kind("ClientStreamRequest"))]
        await self._answer(call, "ClientStreamResponse", received)

    async def _answer(self, call: Call | PostCall, kind: str, received: list[Any]) -> None:
        definition = received[0].response_definition if received else None
        info = self._info(call, received)
        payload = self._kind("ConformancePayload")(request_info=info)
        if definition is not None:
            _set_metadata(call, definition)
            await asyncio.sleep(definition.response_delay_ms / 1000)
            if definition.HasField("error"):
                raise _failure(definition.error, info)
            payload.data = definition.response_data
        await call.write(self._kind(kind)(payload=payload).SerializeToString())

    async def server_stream(self, call: Call | PostCall) -> None:
        """One request, many responses."""
        request = await only_request(call, self._kind("ServerStreamRequest"))
        definition = request.response_definition
        info = self._info(call, [request])
        _set_metadata(call, definition)
        for data in definition.response_data:
            await self._respond(call, "ServerStreamResponse", definition, data, info)
            info = None
        if definition.HasField("error"):
            raise _failure(definition.error, info)

    async def bidi_stream(self, call: Call | PostCall) -> None:
        """Many requests, many responses: in turn, or all responses after all requests."""
        kind = "BidiStreamResponse"
        definition: Any = None
        received: list[Any] = []
        rest: list[bytes] = []
        full_duplex = responded = False
        async for request in requests(call, self._kind("BidiStreamRequest")):
            received.append(request)
            if definition is None:
                definition, full_duplex = request.response_definition, request.full_duplex
                rest = list(definition.response_data)
                _set_metadata(call, definition)
            if full_duplex and not rest:
                break
            if full_duplex:
                info = self._info(call, received, whole=not responded)
                await self._respond(call, kind, definition, rest.pop(0), info)
                received, responded = [], True
        for data in rest:
            info = None if responded else self._info(call, received)
            await self._respond(call, kind, definition, data, info)
            responded = True
        if definition is not None and definition.HasField("error"):
            raise _failure(definition.error, None if responded else self._info(call, received))

    async def _respond(
        self, call: Call | PostCall, kind: str, definition: Any, data: bytes, info: Any
    ) -> None:
        await asyncio.sleep(definition.response_delay_ms / 1000)
        payload = self._kind("ConformancePayload")(data=data, request_info=info)
        await call.write(self._kind(kind)(payload=payload).SerializeToString())

    def _info(self, call: Call | PostCall, received: Iterable[Any], *, whole: bool = True) -> Any:
        """Return what the server has seen: requests, and if `whole` headers and timeout."""
        info = self._kind("ConformancePayload.RequestInfo")()
        for request in received:
            _pack(info.requests.add(), request)
        if whole:
            values: dict[str, list[str]] = {}
            for name, value in call.metadata:
                values.setdefault(name, []).append(_shown(value))
            for name, shown in values.items():
                info.request_headers.add(name=name, value=shown)
            if call.time_left is not None:
                info.timeout_ms = int(call.time_left * 1000)
        return info


def _set_metadata(call: Call | PostCall, definition: Any) -> None:
    """Send the headers of the definition, by HTTP/2 at once, and its trailers with the status."""
    call.trailing_metadata = _metadata(definition.response_trailers)
    headers = _metadata(definition.response_headers)
    if isinstance(call, PostCall):
        call.initial_metadata = headers
    else:
        call.start(headers)


def _metadata(headers: Any) -> Metadata:
    return [
        (header.name, _bytes(value) if header.name.endswith("-bin") else value)
        for header in headers
        for value in header.value
    ]


def _bytes(value: str) -> bytes:
    return base64.b64decode(value + "=" * (-len(value) % 4))


def _shown(value: str | bytes) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).rstrip(b"=").decode()


def _failure(error: Any, info: Any) -> Failed:
    """Return the failure of the definition, with the information about the request."""
    status = status_pb2.Status(code=error.code, message=error.message)
    for detail in error.details:
        status.details.add(type_url=detail.type_url, value=detail.value)
    if info is not None:
        _pack(status.details.add(), info)
    return Failed(status)


def _pack(target: Any, message: Any) -> None:
    target.type_url = _ANY + message.DESCRIPTOR.full_name
    target.value = message.SerializeToString()


def tls_of(credentials: Any, protocol: str) -> ssl.SSLContext:
    """Return the TLS of the certificate and key that the runner gives, for one protocol by ALPN."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols([protocol])
    with tempfile.NamedTemporaryFile() as file:
        file.write(credentials.cert + b"\n" + credentials.key)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def read_request(messages: Messages) -> Any:
    """Return the `ServerCompatRequest` of the runner."""
    (size,) = _SIZE.unpack(sys.stdin.buffer.read(_SIZE.size))
    return messages[f"{PACKAGE}.ServerCompatRequest"].FromString(sys.stdin.buffer.read(size))


def answer_runner(messages: Messages, port: int, certificate: bytes) -> None:
    """Tell the runner where the server listens."""
    response = messages[f"{PACKAGE}.ServerCompatResponse"](
        host="127.0.0.1", port=port, pem_cert=certificate
    )
    encoded = response.SerializeToString()
    sys.stdout.buffer.write(_SIZE.pack(len(encoded)) + encoded)
    sys.stdout.buffer.flush()


async def _main() -> None:
    messages = Messages(installed("peers/conformance.binpb"))
    request = read_request(messages)
    limit = request.message_receive_limit or DEFAULT_LIMITS.max_message
    transport = Http2Transport(
        conformance_service(messages),
        limits=Limits(max_message=limit),
        admission=Admission(tls=tls_of(request.server_creds, "h2") if request.use_tls else None),
    )
    port = await transport.start("127.0.0.1", 0)
    answer_runner(messages, port, request.server_creds.cert)
    await asyncio.Event().wait()


if __name__ == "__main__":
    run(_main)
