"""The tutorials' message: payload 1, to 2, user 3, all bytes."""

from __future__ import annotations

import grpc

METHOD = "/usual.Chat/Stream"


def handlers(stream):
    """Return the handler of the one method; messages stay bytes."""
    method = grpc.stream_stream_rpc_method_handler(stream)
    return grpc.method_handlers_generic_handler("usual.Chat", {"Stream": method})


def encode(payload, user):
    """Encode a message; each field is under 16 KiB."""
    return _field(1, payload) + _field(3, user)


def _field(number, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + content


def decode(message):
    """Return the fields by number."""
    fields, at = {}, 0
    while at < len(message):
        number, size = message[at] >> 3, message[at + 1]
        at += 2
        if size > 127:
            size = size & 127 | message[at] << 7
            at += 1
        fields[number] = message[at : at + size]
        at += size
    return fields
