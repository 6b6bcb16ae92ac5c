"""Header blocks: decoding by the `hpack` library, checks, and encoding of a few headers."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hpack import Decoder, HPACKError, OversizedHeaderListError

from chat_grpc.transport.http2.errors import ConnectionViolation, too_much
from chat_grpc.transport.http2.frames import ErrorCode
from chat_grpc.transport.http2.limits import HEADERS

Headers = Sequence[tuple[bytes, bytes]]

_REQUIRED = frozenset({b":method", b":scheme", b":path"})
_PSEUDO = _REQUIRED | {b":authority"}
_OF_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
_SIZE_UPDATES = re.compile(rb"(?:[\x20-\x3e]|\x3f[\x80-\xff]*[\x00-\x7f]){3}")
"""Three updates of the size of the dynamic table (RFC 7541, sections 4.2 and 6.3)."""
_LENGTH = re.compile(rb"[0-9]{1,18}")  # Python refuses to convert thousands of digits
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
"""A field name: a token (RFC 9110, section 5.1) in lowercase (RFC 9113, section 8.2.1)."""
_VALUE = re.compile(rb"(?:[^\0\r\n \t](?:[^\0\r\n]*[^\0\r\n \t])?)?")
"""A field value: the minimum of RFC 9113, section 8.2.1. Other control characters are let through,
as RFC 9110, section 5.5, allows."""
_ENTRY = 32
"""What a header counts beside its bytes (RFC 9113, section 6.5.2; RFC 7541, section 4.1)."""

NO_TABLE = b"\x20"
"""The update that sets the size of the dynamic table to 0 (RFC 7541, section 6.3)."""


class Malformed(Exception):
    """A header section that breaks RFC 9113, section 8."""


class Request(NamedTuple):
    """The checked header section of a request."""

    pseudo: Mapping[bytes, bytes]
    """The pseudo-header fields."""
    content_length: int | None


class Section:
    """A decoded header section. Connections may share one; it is never changed."""

    __slots__ = ("_request", "headers", "memo")

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.memo: Any = None
        """A value that the user of the connection derived from the headers alone."""
        self._request: Request | None = None

    def request(self) -> Request:
        """Check the section as that of a request. Raises `Malformed`."""
        if self._request is None:
            self._request = Request(check_request(self.headers), content_length(self.headers))
        return self._request


class FirstSections:
    """The first header sections of earlier connections, by their encoded blocks.

    The dynamic table of a new connection is empty (RFC 7541, section 2.3.2), so equal first blocks
    are equal sections. The clients of one program begin with the same block. Sections with
    credentials are not kept, and neither are those with a deadline, which hardly repeats.
    """

    _MOST = 128
    _LARGEST = 512
    """The size of the largest block that is kept, in bytes."""
    _NOT_KEPT = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"grpc-timeout"})

    def __init__(self) -> None:
        self._sections: OrderedDict[bytes, Section] = OrderedDict()

    def get(self, block: bytes) -> Section | None:
        """Return the section of a first block, or None if it is not known."""
        section = self._sections.get(block)
        if section is not None:
            self._sections.move_to_end(block)
        return section

    def add(self, block: bytes, section: Section) -> None:
        """Keep the section of a first block, in place of the one that was not used for longest."""
        if len(block) > self._LARGEST or any(name in self._NOT_KEPT for name, _ in section.headers):
            return
        self._sections[block] = section
        if len(self._sections) > self._MOST:
            self._sections.popitem(last=False)


class HeaderDecoder:
    """Decodes the header blocks of one connection (RFC 7541)."""

    __slots__ = ("_decoder", "_first", "_firsts", "_max_list")

    def __init__(self, max_list: int, firsts: FirstSections | None = None) -> None:
        """`max_list` is the maximum size of decoded headers in bytes.

        `firsts` are shared by connections with the same `max_list`.
        """
        self._max_list = max_list
        self._firsts = firsts
        self._first: bytes | None = None
        """The first block, if it was known. It is decoded when a second one comes."""
        self._decoder: Decoder | None = None
        """None until a block must be decoded: it and its table take several KiB."""

    def decode(self, block: bytes) -> Section:
        """Decode a header block. Raises `ConnectionViolation`: the table is out of step then."""
        firsts, decoder = self._firsts, self._decoder
        if decoder is not None:
            return Section(_decoded(decoder, block))
        if firsts is not None and self._first is None:
            known = firsts.get(block)
            if known is not None:
                self._first = block
                return known
        self._decoder = decoder = Decoder(max_header_list_size=self._max_list)
        if self._first is not None:
            _decoded(decoder, self._first)
            self._first = None
            return Section(_decoded(decoder, block))
        section = Section(_decoded(decoder, block))
        if firsts is not None:
            firsts.add(block, section)
        return section


def _decoded(decoder: Decoder, block: bytes) -> Headers:
    """Decode a header block, and bring the dynamic table up to date."""
    if _SIZE_UPDATES.match(block):
        raise ConnectionViolation(
            ErrorCode.COMPRESSION_ERROR, "The header block has more than two size updates."
        )
    try:
        return [(name, value) for name, value in decoder.decode(block, raw=True)]
    except OversizedHeaderListError:
        raise too_much("The headers are too large.", HEADERS) from None
    except (HPACKError, IndexError, ValueError, OverflowError):
        raise ConnectionViolation(
            ErrorCode.COMPRESSION_ERROR, "The header block cannot be decoded."
        ) from None


def size_of(headers: Headers) -> int:
    """Return the size of a header section as RFC 9113, section 6.5.2, counts it."""
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
