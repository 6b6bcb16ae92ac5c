"""gRPC's interop `TestService`, as "gRPC Interop Test Case Descriptions" describes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from peers.messages import Failed, Handlers, Messages, only_request, requests
from peers.tools import installed

from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.http2.limits import Limits
from chat_grpc.transport.http2.server import Http2Transport

_ECHO_INITIAL = "x-grpc-test-echo-initial"
_ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"


@asynccontextmanager
async def serving_interop() -> AsyncIterator[tuple[Http2Transport, int]]:
    """Serve the interop service, whose messages are up to 1 MiB; give its transport and port."""
    service = interop_service(interop_messages())
    transport = Http2Transport(service, limits=Limits(max_message=1024 * 1024))
    port = await transport.start("127.0.0.1", 0)
    try:
        yield transport, port
    finally:
        await transport.stop(0)


def interop_messages() -> Messages:
    """Return the messages of the service."""
    return Messages(installed("peers/interop.binpb"))


def interop_service(messages: Messages) -> Handlers:
    """Return the service. `messages` has the package `grpc.testing`."""
    service = _InteropService(messages)
    return Handlers(
        "grpc.testing.TestService",
        {
            "EmptyCall": service.empty_call,
            "UnaryCall": service.unary_call,
            "StreamingInputCall": service.streaming_input_call,
            "StreamingOutputCall": service.streaming_output_call,
            "FullDuplexCall": service.full_duplex_call,
        },
    )


class _InteropService:
    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def _kind(self, name: str) -> Any:
        return self._messages[f"grpc.testing.{name}"]

    async def empty_call(self, call: Call) -> None:
        """Answer an empty request with an empty response."""
        await only_request(call, self._kind("Empty"))
        await call.write(b"")

    async def unary_call(self, call: Call) -> None:
        """Answer with a payload of the size that the request names, or with its status."""
        request = await only_request(call, self._kind("SimpleRequest"))
        _echo_metadata(call)
        _raise_status(request)
        response = self._kind("SimpleResponse")()
        response.payload.body = bytes(request.response_size)
        await call.write(response.SerializeToString())

    async def streaming_input_call(self, call: Call) -> None:
        """Answer with the size of all payloads."""
        response = self._kind("StreamingInputCallResponse")()
        async for request in requests(call, self._kind("StreamingInputCallRequest")):
            response.aggregated_payload_size += len(request.payload.body)
        await call.write(response.SerializeToString())

    async def streaming_output_call(self, call: Call) -> None:
        """Answer one request with many payloads."""
        request = await only_request(call, self._kind("StreamingOutputCallRequest"))
        await self._send_payloads(call, request)

    async def full_duplex_call(self, call: Call) -> None:
        """Answer each request with its payloads."""
        _echo_metadata(call)
        async for request in requests(call, self._kind("StreamingOutputCallRequest")):
            _raise_status(request)
            await self._send_payloads(call, request)

    async def _send_payloads(self, call: Call, request: Any) -> None:
        for parameters in request.response_parameters:
            if parameters.interval_us:
                await asyncio.sleep(parameters.interval_us / 1e6)
            response = self._kind("StreamingOutputCallResponse")()
            response.payload.body = bytes(parameters.size)
            await call.write(response.SerializeToString())


def _echo_metadata(call: Call) -> None:
    call.start([(key, value) for key, value in call.metadata if key == _ECHO_INITIAL])
    call.trailing_metadata = [(key, value) for key, value in call.metadata if key == _ECHO_TRAILING]


def _raise_status(request: Any) -> None:
    """End the call with the status that the request names, and a detail."""
    if request.response_status.code:
        detail = any_pb2.Any()
        detail.Pack(error_details_pb2.ErrorInfo(reason="ASKED_FOR", domain="grpc.testing"))
        raise Failed(
            status_pb2.Status(
                code=request.response_status.code,
                message=request.response_status.message,
                details=[detail],
            )
        )
