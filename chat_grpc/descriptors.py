"""Open files: the maximum number of connections that leaves enough descriptors for the store."""

from __future__ import annotations

import ipaddress
import logging
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_grpc.config import Config
from chat_grpc.option_values import ConfigError
from chat_grpc.transport import UNLIMITED

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

_LOG = logging.getLogger("chat_grpc")

RESERVE: Final = 64
"""Descriptors for the store and gRPC, which open about 35 at start, and for short-lived files."""

_FEWEST_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Capacity:
    """The connections and streams that the open files of the process allow."""

    connections: int
    """Maximum of each address that is listened on. Further ones are closed once accepted."""
    streams: int
    """Fewer than `connections`, so that a client beyond it is told that the server is full."""


def capacity(config: Config) -> Capacity:
    """Raise the soft limit of open files to the hard limit, and return what it allows.

    Logs a warning if it does not allow `Config.max_streams`. Raises `ConfigError` if it does not
    even allow a few connections.
    """
    limit = _raise_limit()
    kept = _open_now() + RESERVE
    listeners = _listeners(config.address[0])
    if config.transport == "grpcio" and config.web_address is not None:
        listeners += 1  # gRPC's connections are not counted together with those of browsers
    connections = min(UNLIMITED, (limit - kept) // listeners)
    if connections < _FEWEST_CONNECTIONS:
        raise ConfigError(
            f"the limit of open files is {limit}, but the server needs at least "
            f"{kept + listeners * _FEWEST_CONNECTIONS}; raise it with ulimit -n"
        )
    spare = max(8, connections // 16)
    streams = min(config.max_streams, connections - spare)
    if streams < config.max_streams:
        _LOG.warning(
            "--max-streams %d needs a limit of %d open files; it is %d, which allows %d streams",
            config.max_streams,
            kept + listeners * (config.max_streams * 16 // 15 + 8),
            limit,
            streams,
        )
    return Capacity(connections, streams)


def _listeners(host: str) -> int:
    """Return the maximum number of addresses that a host has. gRPC listens on all of them."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return 1
    try:
        found = {each[4][0] for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        found = set()
    return max(2, len(found))  # gRPC gives each name an IPv4 and an IPv6 address if it can


def _raise_limit() -> int:
    if resource is None:
        return 2 * UNLIMITED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):  # macOS: "unlimited" is more than the kernel grants
            _LOG.info("the limit of open files stays at %d", soft)
    return 2 * UNLIMITED if soft == resource.RLIM_INFINITY else soft


def _open_now() -> int:
    for listing in (Path("/proc/self/fd"), Path("/dev/fd")):
        try:
            return sum(1 for _ in listing.iterdir())
        except OSError:
            continue
    return 16
