"""The transport over grpcio's asyncio server."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import grpc
from grpc import aio
from grpc_status import rpc_status

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.duplex import CallEnded, Metadata
from chat_grpc.core import limits
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.transport import REFUSE_WITHIN, UNLIMITED
from chat_grpc.transport.identity import Identity, uris_in
from chat_grpc.transport.reading import MeterOf

Context = aio.ServicerContext[Any, Any]

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
    """Serves the calls of a dispatcher. Belongs to the event loop."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        connections: int = UNLIMITED,
        identity: Identity | None = None,
    ) -> None:
        """`connections` is the maximum number of open ones; further ones are closed at once.

        With an `identity` it serves TLS, otherwise plain text.
        """
        self._identity = identity
        """The certificate of the next handshake."""
        self._offered = identity
        """The certificate that gRPC has. Belongs to gRPC's threads."""
        self._server = aio.server(
            options=[*CHANNEL_OPTIONS, ("grpc.max_allowed_incoming_connections", connections)]
        )
        self._watch: asyncio.Task[None] | None = None
        self._server.add_generic_rpc_handlers([_Handlers(dispatcher)])

    async def start(self, host: str, port: int, supervisor: Supervisor = UNSUPERVISED) -> int:
        """Listen, and return the port. Raises `OSError` if the address cannot be bound."""
        shown = f"[{host}]" if ":" in host else host
        try:
            bound = self._listen(f"{shown}:{port}")
        except RuntimeError as error:
            raise OSError(str(error)) from None
        await self._server.start()
        self._watch = supervisor.start(self._serve(), name="grpcio's server")
        return bound

    def _listen(self, address: str) -> int:
        if self._identity is None:
            return self._server.add_insecure_port(address)
        credentials = grpc.dynamic_ssl_server_credentials(
            _configuration(self._identity),
            self._new_certificate,  # type: ignore[arg-type] # gRPC's documentation allows None
            require_client_authentication=self._identity.authorities is not None,
        )
        return self._server.add_secure_port(address, credentials)

    def use(self, identity: Identity) -> None:
        """See `Transport.use`."""
        self._identity = identity

    def _new_certificate(self) -> grpc.ServerCertificateConfiguration | None:
        """Return another certificate than before, or None; gRPC asks before each handshake.

        Runs on gRPC's threads.
        """
        identity = self._identity
        if identity is None or identity is self._offered:
            return None
        self._offered = identity
        return _configuration(identity)

    async def _serve(self) -> None:
        """Wait for the end of the server; raise the error of gRPC that ended it.

        A path that is not UTF-8 stops grpcio from listening, while the process continues.
        """
        await self._server.wait_for_termination()

    @property
    def connection_count(self) -> None:
        """See `Transport.connection_count`: gRPC does not tell."""

    async def stop(self, grace: float) -> None:
        """Refuse new calls, and end the open ones after `grace` seconds."""
        watch, self._watch = self._watch, None
        if watch is not None and watch.done():
            return  # gRPC would raise the error again
        await self._server.stop(grace)
        if watch is not None:
            await watch


def _configuration(identity: Identity) -> grpc.ServerCertificateConfiguration:
    pair = (identity.key, identity.certificates)
    return grpc.ssl_server_certificate_configuration([pair], identity.authorities)


class GrpcioDuplex:
    """One call of grpcio's server as a `Duplex`."""

    def __init__(self, context: Context, meter: MeterOf) -> None:
        """`meter` is asked with the peer's address."""
        self._context = context
        self.connection = context.peer()
        self.peer = address_of(self.connection)
        self._meter = meter(self.peer)
        self._was_read = False
        """True once a request was asked for."""

    @property
    def certificate_uris(self) -> Sequence[str]:
        """See `Duplex.certificate_uris`."""
        [certificate] = self._context.auth_context().get("x509_pem_cert", (b"",))
        return uris_in(ssl.PEM_cert_to_DER_cert(certificate.decode())) if certificate else ()

    @property
    def metadata(self) -> Metadata:
        """See `Duplex.metadata`."""
        return self._context.invocation_metadata() or ()

    @property
    def prompt(self) -> None:
        """See `Duplex.prompt`: gRPC's writes are awaited."""

    @property
    def received(self) -> bool:
        """See `Duplex.received`: gRPC does not tell."""
        return False

    async def read(self) -> bytes | None:
        """See `Duplex.read`."""
        self._was_read = True
        try:
            request: Any = await self._context.read()
        except aio.InternalError as error:
            raise CallEnded from error
        if request is aio.EOF:
            return None
        assert isinstance(request, bytes)
        if self._meter is not None and (wait := self._meter(len(request))):
            # gRPC's server reads the socket itself: so the requests wait, and flow control stops
            # the peer once the window of the stream is full.
            await asyncio.sleep(wait)
        return request

    async def await_first_request(self) -> None:
        """Wait a moment for the first request of a call that is refused before it was read."""
        if not self._was_read:
            with contextlib.suppress(TimeoutError, CallEnded):
                async with asyncio.timeout(REFUSE_WITHIN):
                    await self.read()

    async def write(self, response: bytes) -> None:
        """See `Duplex.write`."""
        try:
            await self._context.write(response)
        except aio.InternalError as error:
            raise CallEnded from error

    def shut(self) -> bool:
        """See `Duplex.shut`: gRPC's server closes no connections."""
        return False


def address_of(peer: str) -> str:
    """Return the address in gRPC's name of a peer, for example in `ipv4:192.0.2.1:4711`.

    See "gRPC Name Resolution". The peers of a Unix socket have no address: they are `unix`.
    """
    scheme, _, rest = peer.partition(":")
    if scheme in ("ipv4", "ipv6"):
        return unquote(rest).rpartition(":")[0].strip("[]")
    return scheme


class _Handlers(grpc.GenericRpcHandler):
    """Serves every method of the table as a stream of bytes in and bytes out."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        path = handler_call_details.method
        if path not in self._dispatcher.methods:
            return None

        async def call(_: object, context: Context) -> None:
            duplex = GrpcioDuplex(context, self._dispatcher.meter)
            status = await self._dispatcher.serve(path, duplex)
            if status is not None:
                await duplex.await_first_request()
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
