"""The differences between the answers of the two transports, each with its reason.

`http2` is the transport of this project; `grpcio` is the server of the gRPC project. Sections are
those of RFC 9113, if no other document is named. "The protocol" is gRPC's PROTOCOL-HTTP2.md;
compression.md and statuscodes.md are beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SERVED = "served"
"""The answer that the same call gets without anything unusual."""


class Difference(NamedTuple):
    """One kind of difference. An answer is a stream's, or the connection's if that has ended."""

    reason: str
    http2: str
    grpcio: Mapping[str, str]
    """The answers of grpcio, separated by `|`, by the name of the unusual part."""


def _each(answer: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, answer)


_MALFORMED = Difference(
    "8.1.1: a malformed request is a stream error of type PROTOCOL_ERROR. 8.2.1 recommends status "
    "400 as well for its rules; a gRPC client makes INTERNAL of both, so http2 resets alone.",
    "reset PROTOCOL_ERROR",
    {
        **_each(
            SERVED,
            "a path twice",  # 8.3, also the next ones
            "a method twice",
            "a scheme twice",
            "the pseudo-header of a response",
            "a pseudo-header behind a header",
            "NUL in a value",  # 8.2.1, also the next ones
            "a line break in a value",
            "a space before a value",
            "a space after a value",
            "connection",  # 8.2.2, also the next ones
            "keep-alive",
            "transfer-encoding",
            "upgrade",
            "a content-length that is no number",  # 8.1.1, also the next ones
            "a content-length of 5000 digits",
            "two content-lengths",
            "a content-length that is too small",
            "a content-length that is too large",
            "trailers with a pseudo-header",  # 8.1
        ),
        **_each(
            "status 13",
            "an authority twice",  # 8.3
            "an unknown pseudo-header",
            "te gzip",  # 8.2.2
            "a capital in a name",  # 8.2.1
            "a space in a name",
            "a name that is not ASCII",
            "a colon in a name",
            "an empty name",  # 8.2.1: a name should be a token (RFC 9110, 5.1)
            "a slash in a name",
        ),
        **_each("reset INTERNAL_ERROR", "no path", "no method", "no scheme"),  # 8.3.1
        "an empty path": "status 12",  # 8.3.1
        "trailers with a capital": "status 13|status 13, 170 bytes|served",
    },
)

DIFFERENCES = (
    _MALFORMED,
    Difference(
        "The protocol: a content-type that does not begin with application/grpc should get 415. "
        "http2 also answers so to content-types whose messages are not of Protocol Buffers, and to "
        "two of them (RFC 9110, 8.3: there is one).",
        "http 415",
        _each(
            SERVED,
            "no content-type",
            "content-type text/plain",
            "content-type +json",
            "content-type of grpc-web",
            "content-type twice",
        ),
    ),
    Difference(
        "The protocol: the method is POST. RFC 9110, 15.5.6: 405 tells which methods are allowed.",
        "http 405",
        {
            **_each("reset INTERNAL_ERROR", "method GET", "method PUT"),
            "an unknown method of HTTP": "status 13",
        },
    ),
    Difference(
        "http2 needs no header that it does not use. 8.3.1 and the protocol make :authority "
        "optional. The protocol wants te, to detect incompatible proxies, and the scheme http or "
        "https; it does not say that a server checks them, and 8.3.1 permits other schemes.",
        SERVED,
        {
            **_each("reset INTERNAL_ERROR", "no authority", "no te"),
            "scheme ftp": "status 13",
        },
    ),
    Difference(
        "The protocol: a timeout is at most 8 digits and a unit. It names no status for another; "
        "both answer INTERNAL to other malformed timeouts.",
        "status 13",
        _each(SERVED, "a timeout of nine digits", "a timeout with a space"),
    ),
    Difference(
        "compression.md and statuscodes.md: an encoding that a server does not support is "
        "UNIMPLEMENTED. http2 supports identity alone, and refuses the header, not the first "
        "compressed message.",
        "status 12",
        {"grpc-encoding gzip": SERVED, "an unknown grpc-encoding": "status 13"},
    ),
    Difference(
        "The protocol: binary headers are split at commas. RFC 4648, 3.5: a decoder may refuse "
        "unused bits that are not 0; http2 ignores them.",
        SERVED,
        _each("status 13", "binary metadata with commas", "binary metadata with a rest"),
    ),
    Difference(
        "RFC 4648, 3.3: wrong base64 is refused. No document names the status. "
        "docs/sdk-reference.md: INTERNAL is a defect of the server, and this is none.",
        "status 3",
        _each(
            "status 13",
            "binary metadata that is not base64",
            "binary metadata of an impossible length",
        ),
    ),
    Difference(
        "The protocol: the compressed flag is 0 or 1, and a message is as long as its prefix says. "
        "It names no status for other bytes; statuscodes.md has INTERNAL for a request that cannot "
        "be parsed or decompressed. grpcio tells the application an end of requests or, depending "
        "on the time, an empty request.",
        "status 13",
        _each(
            "status 3|status 9|status 0, 34 bytes|served",
            "a message with an unknown flag",
            "a message that is cut short",
            "a prefix that is cut short",
        ),
    ),
    Difference(
        "The protocol, as above. grpcio drops a rest in silence.",
        "status 13|status 13, 170 bytes|served",
        {"a rest behind a message": SERVED},
    ),
    Difference(
        "5.4.1: a connection error should end with GOAWAY and its code. grpcio mostly sends none.",
        "goaway PROTOCOL_ERROR",
        _each(
            "closed",
            "a header block that is interrupted",  # 6.2
            "a continuation of nothing",  # 6.10
            "settings on a stream",  # 6.5
            "push of 2",  # 6.5.2
            "a frame size below the minimum",  # 6.5.2
            "a window update of 0",  # 6.9
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway FRAME_SIZE_ERROR",
        _each(
            "closed",
            "a frame too large",  # 4.2
            "a setting of 5 bytes",  # 6.5
            "an acknowledgement with content",  # 6.5
            "a ping of 6 bytes",  # 6.7
            "a window update of 3 bytes",  # 6.9
            "a reset of 3 bytes",  # 6.4
            "text",  # 4.2: its first bytes are a large length
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway COMPRESSION_ERROR",
        _each(
            "closed",
            "headers that cannot be decoded",  # 4.3
            "an index that does not exist",  # RFC 7541, 2.3.3
            "three size updates",  # RFC 7541, 4.2: there are at most two
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway FLOW_CONTROL_ERROR",
        {"a window above 2^31-1 by settings": "closed"},  # 6.5.2
    ),
    Difference(
        "These frames are connection errors of type PROTOCOL_ERROR. grpcio ignores them.",
        "goaway PROTOCOL_ERROR",
        _each(
            "open",
            "data on stream 0",  # 6.1
            "data on an idle stream",  # 5.1
            "padding as long as the frame",  # 6.1
            "an even stream",  # 5.1.1
            "a ping on a stream",  # 6.7
            "a window update of an idle stream",  # 5.1
            "a reset of an idle stream",  # 6.4
            "a push",  # 8.4
            "go away on a stream",  # 6.8
            "a priority of stream 0",  # 6.3
            "zeros",  # 6.1: DATA on stream 0
        ),
    ),
    Difference(
        "5.1.1: HEADERS with a number that is not above all earlier ones is a connection error of "
        "type PROTOCOL_ERROR. 5.1 permits STREAM_CLOSED for a stream that has ended; http2 does "
        "not tell it from one that was skipped. grpcio ignores the frame.",
        "goaway PROTOCOL_ERROR",
        {"a stream below the last one": "open", "headers after the end": SERVED},
    ),
    Difference(
        "6.9.1: a window above 2^31-1 ends the connection or the stream. grpcio ignores it.",
        "goaway FLOW_CONTROL_ERROR",
        {"a connection window above the maximum": "open"},
    ),
    Difference(
        "6.9.1, as above.", "reset FLOW_CONTROL_ERROR", {"a window above the maximum": SERVED}
    ),
    Difference(
        "5.4.2: a stream error ends the stream. grpcio ends the connection, as 5.4.1 permits.",
        "reset PROTOCOL_ERROR",
        _each(
            "closed",
            "a window update of 0 on a stream",  # 6.9
            "headers twice",  # 8.1
            "trailers that do not end",  # 8.1
        ),
    ),
    Difference(
        "6.3: a PRIORITY frame of a wrong size is a stream error. grpcio ignores it.",
        "reset FRAME_SIZE_ERROR",
        {"a priority of 4 bytes": SERVED},
    ),
    Difference(
        "6.3, as above, but 6.4 forbids the reset of an idle stream; 5.4.1 permits ending the "
        "connection. grpcio ignores the frame.",
        "goaway FRAME_SIZE_ERROR",
        {"a short priority of an idle stream": "open"},
    ),
    Difference(
        "RFC 7540, 5.3.1: a stream that depends on itself is a stream error; 5.4.1 permits ending "
        "the connection. RFC 9113 has no such rule, but h2spec checks it.",
        "goaway PROTOCOL_ERROR",
        {"a priority on itself": SERVED},
    ),
    Difference(
        "6.1: DATA may be padded. grpcio does not support the flag.",
        SERVED,
        {"empty data with padding": "reset PROTOCOL_ERROR"},
    ),
    Difference(
        "6.5.3 does not say that an acknowledgement of nothing is an error.",
        "open",
        {"an acknowledgement of no settings": "closed"},
    ),
)


def difference_of(name: str) -> Difference | None:
    """Return the difference that a name has, or None if both transports must answer alike."""
    return next((each for each in DIFFERENCES if name in each.grpcio), None)
