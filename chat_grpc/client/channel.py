"""The gRPC channel to a server, and the error if no connection can be made."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc import aio

from chat_grpc.client.errors import ChatError, NoServer, TlsFailed, from_call
from chat_grpc.client.probe import tls_problem
from chat_grpc.client.tls import Tls
from chat_grpc.spelling.addresses import Address, parse_address

CONNECT_WITHIN = 5.0
"""Seconds that one attempt to connect may take, TCP and HTTP/2 handshakes included."""

PROXY_VARIABLES = ("grpc_proxy", "https_proxy", "http_proxy")
"""gRPC uses the first one that is set, for all servers that are not on this machine."""

_OPTIONS = [
    # The server's keepalive has the same values: it ends connections that ping more often.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    # The SDK waits between its attempts. gRPC's own backoff, up to 120 s, would be shared by all
    # channels of the process.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Despite its name this bounds one attempt to connect: 500 ms would exclude distant servers.
    ("grpc.min_reconnect_backoff_ms", round(CONNECT_WITHIN * 1000)),
]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, and how it is reached."""

    address: Address
    tls: Tls | None
    """None without TLS."""
    options: Sequence[tuple[str, Any]] = ()
    """gRPC channel arguments; they win over the SDK's own."""

    def __str__(self) -> str:
        """Return the canonical address."""
        return str(self.address)


def endpoint(
    server: str, tls: Tls | None = None, options: Sequence[tuple[str, Any]] = ()
) -> Endpoint:
    """Return the endpoint of an address. With `tls` it has TLS; so has one with `https://`.

    Raises `InvalidAddress`.
    """
    address = parse_address(server, tls=tls is not None)
    return Endpoint(address, tls or (Tls() if address.tls else None), options)


def open_channel(server: Endpoint) -> aio.Channel:
    """Open a channel. Raises `TlsUnusable`.

    A server on this machine is reached directly; the proxy variables do not apply to it. For others
    gRPC uses the proxy of `PROXY_VARIABLES`, unless `no_grpc_proxy` or `no_proxy` names the host.
    """
    address = server.address
    arguments = dict(_OPTIONS)
    if address.on_this_machine:
        arguments["grpc.enable_http_proxy"] = 0
    arguments |= dict(server.options)
    # With its scheme, so that gRPC does not take a host such as `ipv4` for one.
    target = str(address) if address.path else f"dns:///{address.authority}"
    options = list(arguments.items())
    if server.tls is None:
        return aio.insecure_channel(target, options=options)
    return aio.secure_channel(target, server.tls.credentials(), options=options)


def authorization(token: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata that identifies the caller; none without a token."""
    return (("authorization", f"Bearer {token}"),) if token else ()


async def error_of(
    call_error: aio.AioRpcError, channel: aio.Channel, server: Endpoint
) -> ChatError:
    """Return the error of a call that ended: `NoServer` if its channel could not connect."""
    error = from_call(call_error)
    if (
        call_error.code() is grpc.StatusCode.UNAVAILABLE
        and not getattr(error, "reason", "")
        and channel.get_state() is grpc.ChannelConnectivity.TRANSIENT_FAILURE
    ):
        unreached = await _no_server(server)
        unreached.grpc_error = error.grpc_error
        return unreached
    return error


async def _no_server(endpoint: Endpoint) -> NoServer:
    """Return the error with the reason why no connection could be made, and the cure."""
    server = endpoint.address
    proxy = next((name for name in PROXY_VARIABLES if os.environ.get(name)), None)
    if server.on_this_machine:
        proxy = None
    if proxy is None and not server.path and (why := await tls_problem(server, endpoint.tls)):
        return TlsFailed(why)
    return NoServer(await _why_not(server, proxy))


async def _why_not(server: Address, proxy: str | None) -> str:
    nobody = f"No server answers at {server}."
    if server.on_this_machine:
        return f"{nobody} Start one with `chat-grpc serve`."
    if proxy is not None:
        return f"{nobody} ${proxy} is set; name the host in $no_proxy to connect without a proxy."
    try:
        await asyncio.get_running_loop().getaddrinfo(server.host, server.port)
    except OSError:
        return f"There is no host {server.host}; check the address {server}."
    return nobody
