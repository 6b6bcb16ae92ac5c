"""Sizes and tokens of pages (AIP-158)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from chat_grpc.core import limits
from chat_grpc.core.errors import FieldInvalid, PageTokenInvalid

_T = TypeVar("_T")


def page_size(asked: int, default: int = limits.DEFAULT_PAGE, most: int = limits.MAX_PAGE) -> int:
    """Return the length of a page. Raises `FieldInvalid` for a negative one."""
    if asked < 0:
        raise FieldInvalid("page_size must be 0 (the default) or more.")
    return min(asked or default, most)


def filter_text(asked: str) -> str:
    """Check the text that selects items of a list. Raises `FieldInvalid` for one too long."""
    if len(asked) > limits.MAX_FILTER_LENGTH:
        raise FieldInvalid(f"filter has at most {limits.MAX_FILTER_LENGTH} characters.")
    return asked


def message_page_size(asked: int) -> int:
    """Return the length of a page of messages. Raises `FieldInvalid` for a negative one."""
    return page_size(asked, limits.DEFAULT_MESSAGE_PAGE, limits.MAX_MESSAGE_PAGE)


def fitting(listed: Sequence[Message], size: int) -> int:
    """Return the number of items that fit into a response: at most `size`, and at least one."""
    left = limits.MAX_PAGE_BYTES
    for count, each in enumerate(listed[:size]):
        left -= each.ByteSize()
        if left < 0:
            return max(count, 1)
    return min(len(listed), size)


def listing(of: str, request: Message) -> str:
    """Return the name of the list that a request asks for; page tokens are bound to it.

    It covers every field of the request but those that choose the page (AIP-158).
    """
    asked = type(request)()
    asked.CopyFrom(request)
    for field in ("page_size", "page_token"):
        asked.ClearField(field)
    encoded = asked.SerializeToString(deterministic=True)
    return f"{of}:{hashlib.blake2b(encoded, digest_size=8).hexdigest()}"


def page_token(of: str, *position: int | str) -> str:
    """Make the token of the page after a position; `of` is the result of `listing`."""
    text = json.dumps((of, *position), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def number_of(token: str, of: str) -> int:
    """Return the number in a page token, 0 for no token. Raises `PageTokenInvalid`."""
    (number,) = position_of(token, of, 0)
    assert isinstance(number, int)
    return number


async def page_of(
    of: str,
    request: Any,
    read: Callable[[int, int], Awaitable[Sequence[_T]]],
    number: Callable[[_T], int],
    *,
    first: int = 0,
) -> tuple[Sequence[_T], str]:
    """Return a page of a list in the store that is ordered by a number, and the next page token.

    `of` and `request` are those of `listing`. `read` gets the number of the item before the page,
    `first` for the first page, and a limit; it returns the items behind it. `number` returns the
    number of an item. Raises `FieldInvalid` or `PageTokenInvalid`.
    """
    size = page_size(request.page_size)
    of = listing(of, request)
    found = await read(number_of(request.page_token, of) or first, size + 1)
    more = len(found) > size
    return found[:size], page_token(of, number(found[size - 1])) if more else ""


def position_of(token: str, of: str, *first: int | str) -> list[int | str]:
    """Return the position in a page token of a list; `first` if there is no token.

    Raises `PageTokenInvalid` for a token of another list, or with a position of another type.
    A token grants no rights: each page checks what the caller may read.
    """
    if not token:
        return list(first)
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        position: list[int | str]
        listed, *position = json.loads(text)
        made = (
            listed == of
            and [type(part) for part in position] == [type(part) for part in first]
            and all(isinstance(part, str) or 0 <= part < 2**63 for part in position)
            and page_token(of, *position) == token
        )
    except (binascii.Error, ValueError, TypeError, RecursionError):
        made = False
    if not made:
        raise PageTokenInvalid(
            "The page_token is not from this request; use next_page_token of the page before, and"
            " leave the other fields as they were."
        )
    return position
