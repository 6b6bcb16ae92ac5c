"""Clients of grpcio, with threads and with asyncio, against the interop service."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status
from peers.interop_service import interop_messages, serving_interop
from peers.tools import refuses
from support import UNIT, eventually

from chat_grpc.transport.http2.server import Http2Transport

ECHO = "x-grpc-test-echo-initial"
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
LIMIT = 10 * UNIT
"""Seconds that a call may take."""


class Stub:
    """The methods of the interop service on a channel of either kind."""

    def __init__(self, channel: Any) -> None:
        self._messages = interop_messages()
        self.unary = self._method(channel.unary_unary, "UnaryCall", "Simple")
        self.duplex = self._method(channel.stream_stream, "FullDuplexCall", "StreamingOutputCall")

    def _method(self, make: Any, name: str, prefix: str) -> Any:
        return make(
            f"/grpc.testing.TestService/{name}",
            request_serializer=self._kind(f"{prefix}Request").SerializeToString,
            response_deserializer=self._kind(f"{prefix}Response").FromString,
        )

    def _kind(self, name: str) -> Any:
        return self._messages[f"grpc.testing.{name}"]

    def simple(self, **fields: Any) -> Any:
        """Return a request of `unary`."""
        return self._kind("SimpleRequest")(**fields)

    def asking(self, *sizes: int) -> Any:
        """Return a request of `duplex` for responses of these sizes."""
        parameters = [{"size": size} for size in sizes]
        return self._kind("StreamingOutputCallRequest")(response_parameters=parameters)


def unary(stub: Stub) -> None:
    """One request, one response."""
    response = stub.unary(stub.simple(response_size=1000), timeout=LIMIT)
    assert len(response.payload.body) == 1000


def stream(stub: Stub) -> None:
    """Responses come in order, and the stream ends with OK."""
    call = stub.duplex(iter([stub.asking(1, 2), stub.asking(300_000)]), timeout=LIMIT)
    assert [len(response.payload.body) for response in call] == [1, 2, 300_000]
    assert call.code() is grpc.StatusCode.OK


def cancel(stub: Stub) -> None:
    """A cancelled stream ends, and the connection serves the next call."""
    call = stub.duplex(iter([stub.asking(*[100_000] * 100)]), timeout=LIMIT)
    next(call)
    call.cancel()
    with pytest.raises(grpc.RpcError):
        list(call)
    assert call.code() is grpc.StatusCode.CANCELLED
    unary(stub)


def deadline(stub: Stub) -> None:
    """A stream whose deadline passes ends with DEADLINE_EXCEEDED."""
    request = stub.asking(1)
    request.response_parameters.add(size=1, interval_us=60_000_000)
    call = stub.duplex(iter([request]), timeout=0.5)
    with pytest.raises(grpc.RpcError) as ended:
        list(call)
    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def big_metadata(stub: Stub) -> None:
    """15 KiB of metadata go to the server and come back."""
    value = "v" * 15 * 1024
    _, call = stub.unary.with_call(stub.simple(), metadata=[(ECHO, value)], timeout=LIMIT)
    assert (ECHO, value) in call.initial_metadata()


def too_big_metadata(stub: Stub) -> None:
    """17 KiB are refused, and the connection serves the next call."""
    with pytest.raises(grpc.RpcError) as refused:
        stub.unary(stub.simple(), metadata=[(ECHO, "v" * 17 * 1024)], timeout=LIMIT)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    unary(stub)


def too_large_request(stub: Stub) -> None:
    """A request above the maximum is refused, and the connection serves the next call."""
    with pytest.raises(grpc.RpcError) as refused:
        stub.unary(stub.simple(payload={"body": bytes(2 * 1024 * 1024)}), timeout=LIMIT)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    unary(stub)


def status_details(stub: Stub) -> None:
    """The details of a status come with it."""
    request = stub.simple(response_status={"code": 9, "message": "100 % ☺"})
    with pytest.raises(grpc.RpcError) as failed:
        stub.unary(request, timeout=LIMIT)
    status = rpc_status.from_call(failed.value)
    assert status is not None
    assert (status.code, status.message) == (9, "100 % ☺")
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.ErrorInfo(reason="ASKED_FOR", domain="grpc.testing"))
    assert list(status.details) == [detail]


@pytest.mark.parametrize(
    "case",
    [
        unary,
        stream,
        cancel,
        deadline,
        big_metadata,
        too_big_metadata,
        too_large_request,
        status_details,
    ],
)
async def test_a_case_of_grpcio_with_threads_passes(case: Any) -> None:
    """A client of grpcio gets what its case expects."""

    def run(port: int) -> None:
        # The client's own limit is 8 KiB.
        options = [("grpc.max_metadata_size", 16 * 1024)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
            case(Stub(channel))

    async with serving_interop() as (_, port):
        await asyncio.to_thread(run, port)


async def _drain(transport: Http2Transport, port: int, stub: Stub) -> None:
    call = stub.duplex(timeout=LIMIT)
    await call.write(stub.asking(1))
    assert len((await call.read()).payload.body) == 1
    stopping = asyncio.create_task(transport.stop(LIMIT))
    await eventually(lambda: refuses(port))
    await call.write(stub.asking(2))
    assert len((await call.read()).payload.body) == 2
    with pytest.raises(aio.AioRpcError) as refused:
        await stub.unary(stub.simple(), timeout=LIMIT)
    assert refused.value.code() is UNAVAILABLE
    await call.done_writing()
    assert await call.read() is aio.EOF
    assert await call.code() is grpc.StatusCode.OK
    await asyncio.wait_for(stopping, LIMIT)


async def test_grpcio_finishes_its_stream_while_the_server_drains() -> None:
    """An open stream is served after GOAWAY, and a new call fails as UNAVAILABLE."""
    async with (
        serving_interop() as (transport, port),
        aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        await _drain(transport, port, Stub(channel))


async def test_many_calls_of_grpcio_wait_for_a_free_stream() -> None:
    """More calls at once than a connection may have streams: all are served."""
    async with (
        serving_interop() as (_, port),
        aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub = Stub(channel)
        calls = [stub.unary(stub.simple(response_size=n), timeout=LIMIT) for n in range(300)]
        responses = await asyncio.gather(*calls)
    assert [len(response.payload.body) for response in responses] == list(range(300))
