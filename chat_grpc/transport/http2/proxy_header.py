"""The header of the PROXY protocol, without I/O: the address of the client behind a proxy.

Sections are those of HAProxy's specification, doc/proxy-protocol.txt.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, NamedTuple

_FIRST_1: Final = b"PROXY"
_FIRST_2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_FIXED_2: Final = 16
"""Size of a header of version 2 without its addresses and extensions."""

MAX_1: Final = 107
"""Maximum size of a header of version 1, with CR and LF (section 2.1)."""

MAX_2: Final = 16 * 1024
"""Maximum size of a header of version 2. A certificate among its extensions has a few KiB."""

_LOCAL, _PROXY = 0, 1
_STREAM: Final = 1
_SIZES: Final = {0: 0, 1: 12, 2: 36, 3: 216}
"""Sizes of the addresses of a family (section 2.2): none, IPv4, IPv6, Unix."""

_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")


class InvalidHeader(Exception):
    """The bytes are no header of the PROXY protocol; the text is a sentence."""


class Header(NamedTuple):
    """A complete header."""

    size: int
    """Bytes of the header; the client's own follow."""
    source: str | None
    """The client's address; None if the address of the connection is to be used."""


def read_header(data: bytes) -> Header | None:
    """Return the header at the start of some bytes; None if it is not complete.

    Raises `InvalidHeader` as soon as the bytes cannot become one.
    """
    if _starts(data, _FIRST_2):
        return _version_2(data)
    if _starts(data, _FIRST_1):
        return _version_1(data)
    raise InvalidHeader("The connection does not begin with a PROXY header.")


def _starts(data: bytes, first: bytes) -> bool:
    size = min(len(data), len(first))
    return data[:size] == first[:size]


def _version_1(data: bytes) -> Header | None:
    """Read the line of version 1 (section 2.1)."""
    end = data.find(b"\n", 0, MAX_1)
    if end < 0:
        if len(data) >= MAX_1:
            raise InvalidHeader(f"The PROXY line has more than {MAX_1} bytes.")
        return None
    line = data[: end + 1]
    if not line.endswith(b"\r\n"):
        raise InvalidHeader("The PROXY line must end with CR and LF.")
    words = line[:-2].decode("latin-1").split(" ")
    if words[:2] == ["PROXY", "UNKNOWN"]:  # the rest of the line is ignored
        return Header(len(line), None)
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        raise InvalidHeader("The PROXY line must have a family, two addresses and two ports.")
    _, family, source, destination, *ports = words
    if not all(_PORT.fullmatch(port) and int(port) < 65536 for port in ports):
        raise InvalidHeader("The PROXY line has a port that is none.")
    try:
        parsed = [_address(family, text) for text in (source, destination)]
    except AddressValueError:
        raise InvalidHeader(f"The PROXY line has an address that is none of {family}.") from None
    return Header(len(line), parsed[0])


def _address(family: str, text: str) -> str:
    """Return an address in its usual spelling. Raises `AddressValueError`."""
    if family == "TCP4":
        return str(IPv4Address(text))
    if not _IPV6.fullmatch(text):  # no scope: it belongs to the proxy's own interfaces
        raise AddressValueError(text)
    return str(IPv6Address(text))


def _version_2(data: bytes) -> Header | None:
    """Read the binary header of version 2 (section 2.2)."""
    if len(data) > 12:
        _check_command(data[12])
    if len(data) > 13:
        _check_family(data[13])
    if len(data) < _FIXED_2:
        return None
    command, (family, kind) = data[12] & 15, divmod(data[13], 16)
    length = int.from_bytes(data[14:16], "big")
    size = _FIXED_2 + length
    if size > MAX_2:
        raise InvalidHeader(f"The PROXY header has {size} bytes; the maximum is {MAX_2}.")
    if command == _PROXY and kind and length < _SIZES[family]:
        raise InvalidHeader("The PROXY header is too short for its addresses.")
    if len(data) < size:
        return None
    # Behind the addresses are extensions, which a receiver may skip.
    if command == _LOCAL or kind != _STREAM:
        return Header(size, None)
    return Header(size, _source(family, data[_FIXED_2:]))


def _check_command(value: int) -> None:
    version, command = divmod(value, 16)
    if version != 2 or command not in (_LOCAL, _PROXY):
        raise InvalidHeader(f"The PROXY header has version {version} and command {command}.")


def _check_family(value: int) -> None:
    family, kind = divmod(value, 16)
    if family not in _SIZES or kind > 2:
        raise InvalidHeader(f"The PROXY header has family {family} and protocol {kind}.")


def _source(family: int, addresses: bytes) -> str | None:
    """Return the first address; None for a family without addresses of a network."""
    if family == 1:
        return str(IPv4Address(addresses[:4]))
    if family == 2:
        return str(IPv6Address(addresses[:16]))
    return None
