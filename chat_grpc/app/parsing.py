"""Parsing of requests."""

from __future__ import annotations

import logging
import time
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from chat_grpc.core.errors import FieldInvalid

M = TypeVar("M", bound=Message)

_LOG = logging.getLogger("chat_grpc.app")


class _LogLimit:
    """Lets one line a second through, so that malformed requests cannot flood the log."""

    def __init__(self) -> None:
        self._next = 0.0

    def allows(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 1.0
        return True


_LOG_LIMIT = _LogLimit()


def parse(message: type[M], encoded: bytes) -> M:
    """Parse a request. Raises `FieldInvalid` if the bytes are not such a message."""
    try:
        return message.FromString(encoded)
    except (DecodeError, ValueError, RecursionError):
        if _LOG_LIMIT.allows():
            _LOG.info("a request of %d bytes is malformed", len(encoded))
        raise FieldInvalid(
            "The request is not a message of the type that the method takes."
        ) from None
