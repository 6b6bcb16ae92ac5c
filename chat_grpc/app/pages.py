"""Sizes and tokens of pages (AIP-158)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from google.protobuf.message import Message

from chat_grpc.core import limits
from chat_grpc.core.errors import FieldInvalid, PageTokenInvalid


def page_size(asked: int, default: int = limits.DEFAULT_PAGE, most: int = limits.MAX_PAGE) -> int:
    """Gives the length of a page. Raises `FieldInvalid` for a negative one."""
    if asked < 0:
        raise FieldInvalid("page_size is 0 or more.")
    return min(asked or default, most)


def message_page_size(asked: int) -> int:
    """Gives the length of a page of messages. Raises `FieldInvalid` for a negative one."""
    return page_size(asked, limits.DEFAULT_MESSAGE_PAGE, limits.MAX_MESSAGE_PAGE)


def fitting(listed: Sequence[Message], size: int) -> int:
    """Gives how many go onto a page of at most `size`: those that fit a response, one at least."""
    left = limits.MAX_PAGE_BYTES
    for count, each in enumerate(listed[:size]):
        left -= each.ByteSize()
        if left < 0:
            return max(count, 1)
    return min(len(listed), size)


def page_token(of: str, *place: int | str) -> str:
    """Makes the token of the page after a place in a list; `of` names the list."""
    text = json.dumps((of, *place), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def number_of(token: str, of: str) -> int:
    """Gives the number in a page token, 0 for none. Raises `PageTokenInvalid`."""
    (number,) = place_of(token, of, 0)
    assert isinstance(number, int)
    return number


def place_of(token: str, of: str, *first: int | str) -> list[int | str]:
    """Gives the place in a page token of a list; `first` where there is no token.

    Raises `PageTokenInvalid` for a token of another list, or one that was not made of such a place.
    A token opens nothing: what its bearer may read is looked at for each page.
    """
    if not token:
        return list(first)
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        place: list[int | str]
        listed, *place = json.loads(text)
        made = (
            listed == of
            and [type(part) for part in place] == [type(part) for part in first]
            and all(isinstance(part, str) or 0 <= part < 2**63 for part in place)
            and page_token(of, *place) == token
        )
    except (binascii.Error, ValueError, TypeError, RecursionError):
        made = False
    if not made:
        raise PageTokenInvalid("The page_token is not one that this server gave.")
    return place
