"""How a client reaches a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grpc import aio

DEFAULT_SERVER = "localhost:50051"
DEFAULT_PORT = 50051

# The pair of the server's: faster pings than its minimum would end the connection.
_OPTIONS = [
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    # The SDK waits between its tries; gRPC's own waiting, shared by all channels of the
    # process, goes up to 120 s.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]


def open_channel(server: str, options: Sequence[tuple[str, Any]] = ()) -> aio.Channel:
    """Opens a channel to `HOST`, `HOST:PORT`, `[IPv6]:PORT`, or another target of gRPC.

    `options` are channel arguments of gRPC that win over the SDK's own.
    """
    return aio.insecure_channel(
        target(server), options=list((dict(_OPTIONS) | dict(options)).items())
    )


def target(server: str) -> str:
    """Adds the default port where none is named."""
    if "/" in server or server.startswith("unix:"):
        return server
    if server.count(":") > 1 and not server.startswith("["):
        return f"[{server}]:{DEFAULT_PORT}"
    host, separator, _ = server.rpartition(":")
    if separator and not server.endswith("]"):
        return server if host else f"localhost{server}"
    return f"{server}:{DEFAULT_PORT}"


def authorization(token: str) -> tuple[tuple[str, str], ...]:
    """The metadata that names the caller; none without a token."""
    return (("authorization", f"Bearer {token}"),) if token else ()
