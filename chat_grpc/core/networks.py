"""Networks: which addresses count together, and which are trusted or exempt."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Generic, TypeVar

_V = TypeVar("_V")

UNIX: Final = "unix"
"""The address of the peers of a Unix socket."""

_CACHED: Final = 16_384
"""Addresses whose network is remembered. Parsing one takes about 3 µs, remembering 0.1 µs."""

_MAX_HOPS: Final = 32
"""Maximum number of hops of one call that are looked at."""


@lru_cache(maxsize=_CACHED)
def network_of(address: str) -> str:
    """Return the key under which an address is counted.

    That is the address itself for IPv4, also for an IPv4-mapped IPv6 address, and the first 64 bits
    for IPv6: one host may use all addresses below them (RFC 4291, section 2.5.4). Another text is
    its own key.
    """
    found = _parsed(address)
    if found is None:
        return address
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


class Networks:
    """A set of networks, and perhaps Unix sockets."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Each text is a network such as `10.0.0.0/8`, an address, or `unix`.

        Raises `ValueError` for another one; its text is a sentence.
        """
        words = [text.strip() for text in texts]
        self._unix = UNIX in words
        self._networks = [_network(word) for word in words if word and word != UNIX]
        self._contains = lru_cache(maxsize=_CACHED)(self._search)

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self._contains(address)

    def __bool__(self) -> bool:
        return self._unix or bool(self._networks)

    def _search(self, address: str) -> bool:
        if address == UNIX:
            return self._unix
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)


class NetworkMap(Generic[_V]):
    """Values by network. A look-up costs one step for each length of prefix in use."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, int], dict[int, _V]] = {}
        """By version and prefix length, then by the first address of the network."""

    def get(self, network: str) -> _V | None:
        """Return the value of exactly this network."""
        size, first = _parts(network)
        return self._values.get(size, {}).get(first)

    def put(self, network: str, value: _V) -> None:
        """Set the value of a network."""
        size, first = _parts(network)
        self._values.setdefault(size, {})[first] = value

    def remove(self, network: str) -> None:
        """Remove a network that is there."""
        size, first = _parts(network)
        del self._values[size][first]
        if not self._values[size]:
            del self._values[size]

    def containing(self, address: str) -> list[_V]:
        """Return the values of the networks that contain an address."""
        found = _parsed(address) if self._values else None
        if found is None:
            return []
        values = []
        for (version, prefix), networks in self._values.items():
            if version == found.version:
                rest = found.max_prefixlen - prefix
                if (value := networks.get(int(found) >> rest << rest)) is not None:
                    values.append(value)
        return values


def network_to_ban(text: str) -> str:
    """Return a network in its canonical CIDR notation. Raises `ValueError`, a sentence.

    An IPv6 address without a length stands for its /64: one host may use all addresses in it. An
    IPv4-mapped IPv6 network is that of IPv4.
    """
    text = text.strip()
    if "/" not in text and isinstance(_parsed(text), IPv6Address):
        text = f"{text}/64"
    network = _network(text)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return f"{mapped}/{network.prefixlen - 96}"
    return str(network)


def _parts(network: str) -> tuple[tuple[int, int], int]:
    parsed = _network(network)
    return (parsed.version, parsed.prefixlen), int(parsed.network_address)


def forwarded(peer: str, values: Iterable[str], trusted: Networks) -> str:
    """Return the address of the caller behind proxies.

    `peer` is the peer of the connection, `values` are those of `x-forwarded-for`, to which each
    proxy appends its own peer. The result is the last address that is not a trusted proxy's: the
    addresses before it may be forged. If all are trusted it is the first one.
    """
    hops = ",".join(values).split(",")[-_MAX_HOPS:]
    address = peer
    for hop in reversed(hops):
        if address not in trusted:
            break
        found = _parsed(_without_port(hop.strip()))
        if found is None:
            break
        address = str(found)
    return address


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a network; write for example 10.0.0.0/8, 2001:db8::/32, or unix"
        ) from None
    return network


@lru_cache(maxsize=_CACHED)
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4-mapped one as IPv4; None for another text."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _without_port(hop: str) -> str:
    """Return the address of a hop, which some proxies write with a port."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
