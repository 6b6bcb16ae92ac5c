"""The differences between the answers of the two transports, each with its reason.

`http2` is the transport of this project; `grpcio` is the server of the gRPC project. Sections are
those of RFC 9113. "The protocol" is gRPC's PROTOCOL-HTTP2.md.
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
    "8.1.1: a malformed request is a stream error. grpcio serves many, and refuses others late.",
    "reset PROTOCOL_ERROR",
    {
        **_each(
            SERVED,
            "a path twice",  # 8.3
            "a method twice",
            "a scheme twice",
            "the pseudo-header of a response",
            "a pseudo-header behind a header",
            "NUL in a value",  # 8.2.1
            "a line break in a value",
            "a space before a value",
            "a space after a value",
            "connection",  # 8.2.2
            "keep-alive",
            "transfer-encoding",
            "upgrade",
            "a content-length that is no number",  # 8.1.1
            "a content-length of 5000 digits",
            "two content-lengths",
            "a content-length that is too small",
            "a content-length that is too large",
            "trailers with a pseudo-header",  # 8.1
        ),
        **_each(
            "status 13",
            "an authority twice",
            "an unknown pseudo-header",
            "te gzip",
            "a capital in a name",
            "a space in a name",
            "an empty name",
            "a name that is not ASCII",
            "a colon in a name",
        ),
        **_each("reset INTERNAL_ERROR", "no path", "no method", "no scheme"),
        "an empty path": "status 12",
        "trailers with a capital": "status 13|status 13, 170 bytes|served",
    },
)

DIFFERENCES = (
    _MALFORMED,
    Difference(
        "The protocol: a content-type that does not begin with application/grpc gets 415. http2 "
        "also refuses suffixes whose messages are not of Protocol Buffers.",
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
        "The protocol: the method is POST. An HTTP status says so to a client of HTTP.",
        "http 415",
        {
            **_each("reset INTERNAL_ERROR", "method GET", "method PUT"),
            "an unknown method of HTTP": "status 13",
        },
    ),
    Difference(
        "http2 needs no header that it does not use: 8.3.1 and the protocol make :authority "
        "optional, te is for proxies, and a proxy may change the scheme.",
        SERVED,
        {
            **_each("reset INTERNAL_ERROR", "no authority", "no te"),
            "scheme ftp": "status 13",
        },
    ),
    Difference(
        "The protocol: a timeout is at most 8 digits and a unit.",
        "status 13",
        _each(SERVED, "a timeout of nine digits", "a timeout with a space"),
    ),
    Difference(
        "compression.md: an encoding that a server does not support is UNIMPLEMENTED. http2 "
        "supports identity alone.",
        "status 12",
        {"grpc-encoding gzip": SERVED, "an unknown grpc-encoding": "status 13"},
    ),
    Difference(
        "The protocol: binary headers are split at commas. RFC 4648, 3.5: unused bits may be "
        "ignored.",
        SERVED,
        _each("status 13", "binary metadata with commas", "binary metadata with a rest"),
    ),
    Difference(
        "The contract: INTERNAL is a defect of the server, and wrong base64 is none.",
        "status 3",
        _each(
            "status 13",
            "binary metadata that is not base64",
            "binary metadata of an impossible length",
        ),
    ),
    Difference(
        "8.2.1 allows all visible characters in a name; grpcio only those of the protocol.",
        SERVED,
        {"a slash in a name": "status 13"},
    ),
    Difference(
        "statuscodes.md: bad framing is INTERNAL. grpcio tells the application an end of requests "
        "or, depending on the time, an empty request.",
        "status 13",
        _each(
            "status 3|status 9|status 0, 34 bytes|served",
            "a message with an unknown flag",
            "a message that is cut short",
            "a prefix that is cut short",
        ),
    ),
    Difference(
        "statuscodes.md, as above. grpcio drops a rest in silence.",
        "status 13|status 13, 170 bytes|served",
        {"a rest behind a message": SERVED},
    ),
    Difference(
        "5.4.1: a connection error ends with GOAWAY and its code. grpcio mostly sends none.",
        "goaway PROTOCOL_ERROR",
        _each(
            "closed",
            "a header block that is interrupted",
            "a continuation of nothing",
            "settings on a stream",
            "push of 2",
            "a frame size below the minimum",
            "a window update of 0",
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway FRAME_SIZE_ERROR",
        _each(
            "closed",
            "a frame too large",
            "a setting of 5 bytes",
            "an acknowledgement with content",
            "a ping of 6 bytes",
            "a window update of 3 bytes",
            "a reset of 3 bytes",
            "text",
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway COMPRESSION_ERROR",
        _each(
            "closed",
            "headers that cannot be decoded",
            "an index that does not exist",
            "three size updates",
        ),
    ),
    Difference(
        "5.4.1, as above.",
        "goaway FLOW_CONTROL_ERROR",
        {"a window above 2^31-1 by settings": "closed"},
    ),
    Difference(
        "5.1, 5.1.1, 6.1 to 6.10: these frames are connection errors. grpcio ignores them.",
        "goaway PROTOCOL_ERROR",
        _each(
            "open",
            "data on stream 0",
            "data on an idle stream",
            "padding as long as the frame",
            "an even stream",
            "a ping on a stream",
            "a window update of an idle stream",
            "a reset of an idle stream",
            "a push",
            "go away on a stream",
            "a priority of stream 0",
            "zeros",
        ),
    ),
    Difference(
        "5.1: a frame behind END_STREAM is a connection error. grpcio ignores it.",
        "goaway STREAM_CLOSED",
        {"a stream below the last one": "open", "headers after the end": SERVED},
    ),
    Difference(
        "6.9.1: a window above 2^31-1 is an error. grpcio ignores it.",
        "goaway FLOW_CONTROL_ERROR",
        {"a connection window above the maximum": "open"},
    ),
    Difference(
        "6.9.1, as above.", "reset FLOW_CONTROL_ERROR", {"a window above the maximum": SERVED}
    ),
    Difference(
        "5.4.2: a stream error ends the stream. grpcio ends the connection.",
        "reset PROTOCOL_ERROR",
        _each(
            "closed",
            "a window update of 0 on a stream",
            "headers twice",
            "trailers that do not end",
        ),
    ),
    Difference(
        "6.3: a PRIORITY frame of a wrong size is a stream error. grpcio ignores it.",
        "reset FRAME_SIZE_ERROR",
        {"a priority of 4 bytes": SERVED},
    ),
    Difference(
        "6.3 and 6.4: there is no stream to reset. grpcio ignores the frame.",
        "goaway FRAME_SIZE_ERROR",
        {"a short priority of an idle stream": "open"},
    ),
    Difference(
        "RFC 7540, 5.3.1: a stream that depends on itself is an error. RFC 9113 dropped it.",
        "goaway PROTOCOL_ERROR",
        {"a priority on itself": SERVED},
    ),
    Difference(
        "6.1: DATA may be padded. grpcio does not support it.",
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
