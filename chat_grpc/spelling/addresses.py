"""The address of a server: parsed, checked, and written in one way.

    HOST                 the default port
    HOST:PORT
    [IPV6]:PORT          brackets are optional without a port
    unix:PATH            a socket in the file system
    grpcs://HOST:PORT    with TLS; also https://
    grpc://HOST:PORT     without TLS, like HOST:PORT; also http://

`str(parse_address(text))` is the canonical spelling: a client keeps tokens and positions under it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

DEFAULT_HOST = "localhost"
DEFAULT_PORT = 50051
DEFAULT_SERVER = f"{DEFAULT_HOST}:{DEFAULT_PORT}"

_MAX_HOST_LENGTH = 253
_FORMS = "HOST, HOST:PORT, [IPV6]:PORT, https://HOST:PORT or unix:PATH"
_PLAIN_TEXT = frozenset({"grpc", "http"})
_ENCRYPTED = frozenset({"grpcs", "https"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class InvalidAddress(ValueError):
    """The text is not the address of a server; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server: a host and a port, or a socket in the file system."""

    host: str
    """A name in lower case (ASCII), or an IP address without brackets; empty for a socket."""
    port: int
    path: str = ""
    """The path of a socket; empty for a host."""
    tls: bool = False
    """True if the server is reached by TLS."""

    def __str__(self) -> str:
        """Return the canonical spelling, which `parse_address` accepts."""
        if self.path:
            return f"unix:{self.path}"
        return f"grpcs://{self.authority}" if self.tls else self.authority

    @property
    def authority(self) -> str:
        """Return the host and the port, without a scheme."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """True if no other machine can reach the address."""
        if self.path:
            return True
        address = self._ip
        if address is None:
            name = self.host.removesuffix(".")
            return name == "localhost" or name.endswith(".localhost")
        return address.is_loopback

    @property
    def on_this_machine(self) -> bool:
        """True if connecting reaches this machine: loopback, `0.0.0.0` and `::`."""
        address = self._ip
        return self.loopback or (address is not None and address.is_unspecified)

    @property
    def _ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return None
        return getattr(address, "ipv4_mapped", None) or address


def parse_address(
    text: str, *, default_port: int | None = DEFAULT_PORT, lowest: int = 1, tls: bool = False
) -> Address:
    """Parse an address. Raises `InvalidAddress`.

    `default_port` is used if the text has no port; None requires one. `lowest` is the lowest port
    that is allowed: 1 to connect, 0 to listen on a free port. `tls` reaches an address without a
    scheme by TLS; one that says otherwise is invalid.
    """
    if text.startswith("unix:"):
        if tls:
            raise InvalidAddress(f"{text!r} is a socket on this machine: it has no TLS.")
        return _socket(text)
    scheme, rest = _split_scheme(text)
    if "@" in rest:
        # The text is not repeated: there may be a password in it.
        raise InvalidAddress(f"The address has a user before the host; write {_FORMS}.")
    if tls and scheme in _PLAIN_TEXT:
        raise InvalidAddress(f"{text!r} says that there is no TLS; write https:// to use it.")
    host, port = _split(rest, text)
    if not host:
        raise InvalidAddress(f"{text!r} has no host; write {_FORMS}, for example {DEFAULT_SERVER}.")
    if port is None and default_port is None:
        raise InvalidAddress(
            f"{text!r} has no port; write HOST:PORT, for example {DEFAULT_SERVER}."
        )
    number = default_port if port is None else _port(port, lowest, text)
    assert number is not None
    return Address(_host(host, text), number, tls=tls or scheme in _ENCRYPTED)


def canonical(text: str) -> str:
    """Return the canonical spelling of an address that a file has; the text itself if it is none.

    Older files may have another spelling, and a user may have edited them.
    """
    try:
        return str(parse_address(text))
    except InvalidAddress:
        return text


def _split_scheme(text: str) -> tuple[str, str]:
    """Return the scheme, empty if there is none, and the rest."""
    found = _SCHEME.fullmatch(text)
    if found is None:
        return "", text.removesuffix("/")
    scheme, rest = found[1].lower(), found[2]
    if scheme not in _PLAIN_TEXT | _ENCRYPTED:
        raise InvalidAddress(f"{found[1]}:// is not a scheme of a server; write {_FORMS}.")
    return scheme, rest.removesuffix("/")


def _socket(text: str) -> Address:
    path = text.removeprefix("unix:")
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    if not path or "\0" in path:
        raise InvalidAddress(f"{text!r} has no path; write unix:PATH, for example unix:/run/chat.")
    return Address("", 0, path)


def _split(rest: str, text: str) -> tuple[str, str | None]:
    """Return host and port; None for a port that is not given."""
    if rest.startswith("["):
        host, bracket, behind = rest[1:].partition("]")
        if not bracket or (behind and not behind.startswith(":")):
            raise InvalidAddress(f"{text!r} is not an address; write {_FORMS}.")
        if ":" not in host:
            raise InvalidAddress(f"{text!r} has brackets around {host!r}, which is not IPv6.")
        return host, behind[1:] if behind else None
    if rest.count(":") > 1:
        return rest, None  # IPv6 without brackets
    host, colon, port = rest.partition(":")
    return host, port if colon else None


def _port(port: str, lowest: int, text: str) -> int:
    if not port:
        raise InvalidAddress(f"{text!r} has no port after the colon; write HOST or HOST:PORT.")
    if not (port.isascii() and port.isdigit()) or not lowest <= int(port[:9]) <= 65535:
        raise InvalidAddress(f"{text!r} has the port {port!r}; a port is {lowest} to 65535.")
    return int(port)


def _host(host: str, text: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise InvalidAddress(
                f"{text!r} is not an address: {host!r} is not IPv6; write {_FORMS}."
            ) from None
    try:
        name = (host if host.isascii() else host.encode("idna").decode("ascii")).lower()
    except UnicodeError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_HOST_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidAddress(f"{text!r} is not an address: {host!r} is not a host; write {_FORMS}.")
    if _NUMBER.fullmatch(labels[-1]):  # resolvers take 127.1 and 0x7f000001 for IPv4, too
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise InvalidAddress(
                f"{text!r} is not an address: write IPv4 as four numbers from 0 to 255."
            ) from None
    return name
