"""Encoded events.

A `ConnectResponse` is only `repeated Event events = 1`, and repeated fields concatenate (Protocol
Buffers, "Encoding"). So an event is encoded once, with tag and length, and any number of encoded
events joined are a response.

Messages and the answers to them are encoded by hand: this costs a third of building the protobuf
objects. The tests compare the result with protobuf's own encoding. All other events are encoded by
protobuf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from chat_grpc.v1 import chat_pb2

_SMALL = tuple(bytes((n,)) for n in range(128))

_EVENT = b"\x0a"  # ConnectResponse.events
_SEQUENCE = b"\x08"  # Event.sequence
_TIME = b"\x12"  # Event.time
_MESSAGE = b"\x1a"  # Event.message
_SENT = b"\x22"  # Event.sent
WELCOME = b"\x32"
"""The tag of `Event.welcome`."""
_CAUGHT_UP = b"\x3a"  # Event.caught_up


def varint(number: int) -> bytes:
    """Encode a number of at least 0 as a varint."""
    if number < 1 << 7:
        return _SMALL[number]
    # Unrolled for the usual sizes: lengths, sequences, nanoseconds of a second.
    if number < 1 << 14:
        return bytes((number & 127 | 128, number >> 7))
    if number < 1 << 21:
        return bytes((number & 127 | 128, number >> 7 & 127 | 128, number >> 14))
    low = number & 127 | 128, number >> 7 & 127 | 128, number >> 14 & 127 | 128
    if number < 1 << 28:
        return bytes((*low, number >> 21))
    if number < 1 << 35:
        return bytes((*low, number >> 21 & 127 | 128, number >> 28))
    return bytes((*low, number >> 21 & 127 | 128)) + varint(number >> 28)


def field(tag: bytes, content: bytes) -> bytes:
    """Encode a string, bytes, or a message as a field with a tag of one byte."""
    size = len(content)
    return tag + (_SMALL[size] if size < 1 << 7 else varint(size)) + content


def encode(event: chat_pb2.Event) -> bytes:
    """Encode an event that is not stored, or one that already has its sequence."""
    return field(_EVENT, event.SerializeToString())


def encode_passing(tag: bytes, content: bytes, nanoseconds: int) -> bytes:
    """Encode an event that is not stored from the tag and the content of its kind, and its time."""
    return field(_EVENT, time_content(nanoseconds) + field(tag, content))


def encode_caught_up(head: int, nanoseconds: int, *, fell_behind: bool) -> bytes:
    """Encode a `caught_up` event."""
    content = _SEQUENCE + varint(head) if head else b""
    if fell_behind:
        content += b"\x10\x01"
    return encode_passing(_CAUGHT_UP, content, nanoseconds)


def encode_stored(sequence: int, content: bytes) -> bytes:
    """Encode a stored event from its sequence and the content from `message_content`."""
    numbered = _SEQUENCE + varint(sequence) + content
    return _EVENT + varint(len(numbered)) + numbered


@lru_cache(maxsize=1024)  # a message and the answer to it have the same time
def time_content(nanoseconds: int) -> bytes:
    """Encode `Event.time` from nanoseconds since 1970."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    stamp = _seconds(seconds) + b"\x10" + varint(rest) if rest else _seconds(seconds)
    return field(_TIME, stamp)


@lru_cache(maxsize=64)
def _seconds(seconds: int) -> bytes:
    return b"\x08" + varint(seconds)


def author_bytes(number: int, name: str) -> bytes:
    """Encode an `Author`."""
    return b"\x08" + varint(number) + field(b"\x12", name.encode())


def message_content(
    nanoseconds: int,
    author: bytes,
    to: bytes,
    text: bytes,
    reply_to: int = 0,
    mentioned: Sequence[int] = (),
) -> bytes:
    """Encode a stored message without its sequence.

    `author` is an encoded `Author`; `to` is `Message.to` with its tag, from `to_room` or `to_user`.
    """
    message = field(b"\x0a", author) + to + field(b"\x22", text)
    if reply_to:
        message += b"\x28" + varint(reply_to)
    if mentioned:
        message += field(b"\x32", b"".join(map(varint, mentioned)))
    return time_content(nanoseconds) + field(_MESSAGE, message)


def to_room(name: str) -> bytes:
    """Encode `Message.room` with its tag."""
    return field(b"\x12", name.encode())


def to_user(author: bytes) -> bytes:
    """Encode `Message.user` with its tag."""
    return field(b"\x1a", author)


def replaced(joined: bytes, news: Mapping[int, bytes]) -> bytes:
    """Return joined stored events with new encoded events for some sequences."""
    kept = []
    at = 0
    while at < len(joined):
        size, start = _read_varint(joined, at + 1)
        sequence, _ = _read_varint(joined, start + 1)  # the first field of a stored event
        new = news.get(sequence)
        kept.append(joined[at : start + size] if new is None else new)
        at = start + size
    return b"".join(kept)


def first_sequence(joined: bytes) -> int | None:
    """Return the sequence of the first stored event among joined events, or None."""
    at = 0
    while at < len(joined):
        size, start = _read_varint(joined, at + 1)
        if joined[start : start + 1] == _SEQUENCE:
            return _read_varint(joined, start + 1)[0]
        at = start + size
    return None


def _read_varint(encoded: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = encoded[at]
        number |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return number, at
        shift += 7


def encode_sent(request_id: bytes, sequence: int, nanoseconds: int, *, duplicate: bool) -> bytes:
    """Encode the `sent` event that answers a request that was carried out.

    `nanoseconds` is the time when the request was first accepted, since 1970.
    """
    sent = field(b"\x0a", request_id) + b"\x10" + varint(sequence)
    if duplicate:
        sent += b"\x18\x01"
    return field(_EVENT, time_content(nanoseconds) + field(_SENT, sent))
