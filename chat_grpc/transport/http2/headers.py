"""Header blocks: decoding by the `hpack` library, checks, and encoding of a few headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hpack import Decoder, HPACKError, OversizedHeaderListError

from chat_grpc.transport.http2.errors import ConnectionViolation
from chat_grpc.transport.http2.frames import ErrorCode

Headers = Sequence[tuple[bytes, bytes]]

_REQUIRED = frozenset({b":method", b":scheme", b":path"})
_PSEUDO = _REQUIRED | {b":authority"}
_OF_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
_SIZE_UPDATES = re.compile(rb"(?:[\x20-\x3e]|\x3f[\x80-\xff]*[\x00-\x7f]){3}")
"""Three updates of the size of the dynamic table (RFC 7541, sections 4.2 and 6.3)."""
_LENGTH = re.compile(rb"[0-9]{1,18}")  # Python refuses to convert thousands of digits
_NAME = re.compile(rb"[\x21-\x39\x3b-\x40\x5b-\x7e]+")
"""A field name: visible ASCII without a colon and uppercase letters (RFC 9113, section 8.2.1)."""
_VALUE = re.compile(rb"(?:[^\0\r\n \t](?:[^\0\r\n]*[^\0\r\n \t])?)?")
"""A field value, as the same section restricts it."""
_ENTRY = 32
"""What a header counts beside its bytes (RFC 9113, section 10.5.1; RFC 7541, section 4.1)."""


class Malformed(Exception):
    """A header section that breaks RFC 9113, section 8."""


class HeaderDecoder:
    """Decodes the header blocks of one connection (RFC 7541)."""

    __slots__ = ("_decoder",)

    def __init__(self, max_list: int) -> None:
        """`max_list` is the maximum size of decoded headers in bytes."""
        self._decoder = Decoder(max_header_list_size=max_list)

    def decode(self, block: bytes) -> Headers:
        """Decode a header block. Raises `ConnectionViolation`: the table is out of step then."""
        if _SIZE_UPDATES.match(block):
            raise ConnectionViolation(
                ErrorCode.COMPRESSION_ERROR, "The header block has more than two size updates."
            )
        try:
            return [(name, value) for name, value in self._decoder.decode(block, raw=True)]
        except OversizedHeaderListError:
            raise ConnectionViolation(
                ErrorCode.ENHANCE_YOUR_CALM, "The headers are too large."
            ) from None
        except (HPACKError, IndexError, ValueError, OverflowError):
            raise ConnectionViolation(
                ErrorCode.COMPRESSION_ERROR, "The header block cannot be decoded."
            ) from None


def size_of(headers: Headers) -> int:
    """Return the size of a header section as RFC 9113, section 10.5.1, counts it."""
    return sum(len(name) + len(value) + _ENTRY for name, value in headers)


def check_request(headers: Headers) -> dict[bytes, bytes]:
    """Check the header section of a request; return its pseudo-header fields.

    RFC 9113, sections 8.2 and 8.3. Raises `Malformed`.
    """
    pseudo: dict[bytes, bytes] = {}
    regular = False
    for name, value in headers:
        if name[:1] != b":":
            regular = True
            _check_field(name, value)
        elif regular or name in pseudo or name not in _PSEUDO:
            raise Malformed(name)
        else:
            _check_value(name, value)
            pseudo[name] = value
    if not pseudo.keys() >= _REQUIRED or not pseudo[b":path"]:
        raise Malformed(b"a required pseudo-header field is missing")
    return pseudo


def check_trailers(headers: Headers) -> None:
    """Check the trailers of a request (RFC 9113, section 8.1). Raises `Malformed`."""
    for name, value in headers:
        if name[:1] == b":":
            raise Malformed(name)
        _check_field(name, value)


def _check_field(name: bytes, value: bytes) -> None:
    if not _NAME.fullmatch(name) or name in _OF_CONNECTION:
        raise Malformed(name)
    if name == b"te" and value != b"trailers":
        raise Malformed(name)
    _check_value(name, value)


def _check_value(name: bytes, value: bytes) -> None:
    if not _VALUE.fullmatch(value):
        raise Malformed(name)


def content_length(headers: Headers) -> int | None:
    """Return the value of `content-length`, or None. Raises `Malformed` if it is not a number."""
    values = {value for name, value in headers if name == b"content-length"}
    if not values:
        return None
    if len(values) > 1 or not _LENGTH.fullmatch(value := values.pop()):
        raise Malformed(b"content-length")
    return int(value)


def encode(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Encode headers as literals without indexing (RFC 7541, section 6.2.2).

    The server sends few and short headers. Without a dynamic table a block is a constant, and a
    connection costs no memory for one.
    """
    return b"".join(b"\x00" + _string(name) + _string(value) for name, value in headers)


def _string(text: bytes) -> bytes:
    """Encode a string without Huffman coding (RFC 7541, section 5.2)."""
    length = len(text)
    if length < 0x7F:
        return bytes((length,)) + text
    prefix = bytearray((0x7F,))
    rest = length - 0x7F
    while rest >= 0x80:
        prefix.append(rest & 0x7F | 0x80)
        rest >>= 7
    prefix.append(rest)
    return bytes(prefix) + text
