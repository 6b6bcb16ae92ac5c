"""The transport over grpcio's asyncio server."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError
from grpc import aio
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.duplex import CallEnded, Metadata
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.methods import SERVICES
from chat_grpc.app.status import internal_status, status_of
from chat_grpc.core import limits
from chat_grpc.core.errors import ChatError, FieldInvalid
from chat_grpc.transport.health import Health
from chat_grpc.transport.side_streams import SideStreams

UNLIMITED = 1_000_000
"""The most connections that a server admits."""

HEALTH = "grpc.health.v1.Health"

Context = aio.ServicerContext[Any, Any]

_LOG = logging.getLogger("chat_grpc.transport")

# Measured; docs/hardening.md has the reason for each.
CHANNEL_OPTIONS: list[tuple[str, int]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.max_concurrent_streams", 100),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", limits.MAX_REQUEST_BYTES),
    ("grpc.max_receive_message_length", limits.MAX_REQUEST_BYTES),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
]


class GrpcioTransport:
    """Serves the calls of a dispatcher, with health and reflection beside them.

    Belongs to the event loop.
    """

    def __init__(
        self, dispatcher: Dispatcher, *, first_request: float, connections: int = UNLIMITED
    ) -> None:
        """`first_request` is how long a call may take to send its first request, in seconds.

        `connections` is the maximum number of open ones; further ones are closed at once.
        """
        self._health = Health()
        self._server = aio.server(
            interceptors=[_Guard(dispatcher, first_request)],
            options=[*CHANNEL_OPTIONS, ("grpc.max_allowed_incoming_connections", connections)],
        )
        self._server.add_generic_rpc_handlers([_Handlers(dispatcher)])
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [service.full_name for service in SERVICES]
        reflection.enable_server_reflection([*names, HEALTH, reflection.SERVICE_NAME], self._server)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port. Raises `OSError` if the address cannot be bound."""
        shown = f"[{host}]" if ":" in host else host
        try:
            bound = self._server.add_insecure_port(f"{shown}:{port}")
        except RuntimeError as error:
            raise OSError(str(error)) from None
        await self._server.start()
        return bound

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end the open ones after `grace` seconds."""
        await self._server.stop(grace)

    def set_health(self, names: Iterable[str], *, serving: bool) -> None:
        """Set the health of some services."""
        self._health.set(names, serving=serving)


class GrpcioDuplex:
    """One call of grpcio's server as a `Duplex`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.peer = address_of(context.peer())

    @property
    def metadata(self) -> Metadata:
        """See `Duplex.metadata`."""
        return self._context.invocation_metadata() or ()

    async def read(self) -> bytes | None:
        """See `Duplex.read`."""
        try:
            request: Any = await self._context.read()
        except aio.InternalError as error:
            raise CallEnded from error
        if request is aio.EOF:
            return None
        assert isinstance(request, bytes)
        return request

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        try:
            await self._context.write(response)
        except aio.InternalError as error:
            raise CallEnded from error


def address_of(peer: str) -> str:
    """Return the address in gRPC's name of a peer, for example in `ipv4:192.0.2.1:4711`.

    See "gRPC Name Resolution". The peers of a Unix socket have no address: they are `unix`.
    """
    scheme, _, rest = peer.partition(":")
    if scheme in ("ipv4", "ipv6"):
        return unquote(rest).rpartition(":")[0].strip("[]")
    return scheme


class _Handlers(grpc.GenericRpcHandler):
    """Serves every method of the table: bytes in, bytes out, whatever its arity."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        path = handler_call_details.method
        if path not in self._dispatcher.methods:
            return None

        async def call(_: object, context: Context) -> None:
            status = await self._dispatcher.serve(path, GrpcioDuplex(context))
            if status is not None:
                await _end(context, rpc_status.to_status(status))

        return grpc.stream_stream_rpc_method_handler(call)


async def _end(context: Context, status: grpc.Status) -> None:
    """End a call with a status; do nothing if its peer is gone."""
    if context.done():
        raise asyncio.CancelledError
    try:
        await context.abort_with_status(status)
    except aio.InternalError:
        # The peer is gone. gRPC would log its own error as a defect of the handler.
        raise asyncio.CancelledError from None


class _Guard(aio.ServerInterceptor):
    """Guards the services that grpcio brings, health and reflection.

    Without it gRPC waits without end for the first request of a unary call, answers malformed
    requests with `INTERNAL`, and puts the text of an exception into the status.
    """

    def __init__(self, dispatcher: Dispatcher, first_request: float) -> None:
        self._dispatcher = dispatcher
        self._first_requests = FirstRequests(first_request)
        self._side_streams = SideStreams()

    async def intercept_service(
        self,
        continuation: Callable[
            [grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]
        ],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Return the guarded handler of a method; None for a method that nobody serves."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or path in self._dispatcher.methods:
            return handler
        guarded = handler

        async def call(_: object, context: Context) -> None:
            try:
                await self._serve(guarded, context)
            except ChatError as error:
                await _end(context, rpc_status.to_status(status_of(error)))
            except aio.AbortError:
                raise
            except (CallEnded, aio.InternalError):
                raise asyncio.CancelledError from None
            except Exception:
                error_id = secrets.token_hex(4)
                _LOG.exception("error %s in %s", error_id, path)
                await _end(context, rpc_status.to_status(internal_status(error_id)))

        return grpc.stream_stream_rpc_method_handler(
            call, request_deserializer=None, response_serializer=handler.response_serializer
        )

    async def _serve(self, handler: grpc.RpcMethodHandler[Any, Any], context: Context) -> None:
        duplex, deserialize = GrpcioDuplex(context), handler.request_deserializer
        serve: Any = handler.stream_stream or handler.unary_stream or handler.unary_unary
        if handler.request_streaming:  # reflection
            with self._side_streams.admit(duplex.peer):
                async for response in serve(self._requests(duplex, deserialize), context):
                    await context.write(response)
        elif handler.response_streaming:  # `Watch` of health writes its responses itself
            with self._side_streams.admit(duplex.peer):
                await serve(_parse(deserialize, await self._first_requests.only(duplex)), context)
        else:
            request = _parse(deserialize, await self._first_requests.only(duplex))
            await context.write(await serve(request, context))

    async def _requests(self, duplex: GrpcioDuplex, deserialize: Any) -> Any:
        encoded: bytes | None = await self._first_requests.read(duplex)
        while encoded is not None:
            yield _parse(deserialize, encoded)
            encoded = await duplex.read()


def _parse(deserialize: Any, encoded: bytes) -> Any:
    try:
        return deserialize(encoded)
    except (DecodeError, ValueError, RecursionError):
        raise FieldInvalid(
            "The request is not a message of the type that the method takes."
        ) from None
