"""Explaining a stored event: its state on each stream that may receive it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from chat_grpc.core.entry import MESSAGE
from chat_grpc.core.stream import Stream


class DeliveryState(Enum):
    """The state of a stored event on one stream."""

    WAITING = auto()
    """It is in the outbox, in the log, or in a response that is not wholly written."""
    WRITTEN = auto()
    """The transport has taken the whole response with it."""
    NOT_MEANT = auto()
    """The stream began after it, or sent it."""
    UNKNOWN = auto()
    """The stream may have sent it, or it was written."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the log, without its content."""

    sequence: int
    kind: int
    time: int
    """In nanoseconds since 1970."""
    author: int
    channels: tuple[str, ...]


def may_receive(stream: Stream, event: StoredEvent) -> bool:
    """Return whether an event is in a range of the log that a stream may see."""
    return any(
        low < event.sequence <= high
        for channel in event.channels
        for low, high in stream.ranges.get(channel, ())
    )


def state_of(stream: Stream, event: StoredEvent, *, head: int, sender: int | None) -> DeliveryState:
    """Return the state of an event on a stream that may receive it.

    `head` is the newest delivered sequence. `sender` is the number of the stream that sent the
    event, 0 if none did, None if that is not known.
    """
    if event.sequence <= stream.begins_after:
        return DeliveryState.NOT_MEANT
    if event.kind == MESSAGE and event.author == stream.user.number and sender != 0:
        if sender is None:
            return DeliveryState.UNKNOWN
        if sender == stream.number:
            return DeliveryState.NOT_MEANT
    if event.sequence > head or not stream.delivery.has_written(event.sequence):
        return DeliveryState.WAITING
    return DeliveryState.WRITTEN
