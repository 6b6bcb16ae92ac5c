"""Sizes and tokens of pages (AIP-158)."""

from __future__ import annotations

import base64
import binascii
import json

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


def page_token(*place: int | str) -> str:
    """Makes the token of the page after a place."""
    text = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def number_of(token: str) -> int:
    """Gives the number in a page token, 0 for none. Raises `PageTokenInvalid`."""
    (number,) = place_of(token, 0)
    assert isinstance(number, int)
    return number


def place_of(token: str, *first: int | str) -> list[int | str]:
    """Gives the place in a page token; `first` where there is no token.

    Raises `PageTokenInvalid` for a token that was not made of such a place.
    """
    if not token:
        return list(first)
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        place = json.loads(text)
        made = (
            isinstance(place, list)
            and [type(part) for part in place] == [type(part) for part in first]
            and all(isinstance(part, str) or 0 <= part < 2**63 for part in place)
            and page_token(*place) == token
        )
    except (binascii.Error, ValueError, RecursionError):
        made = False
    if not made:
        raise PageTokenInvalid("The page_token is not one that this server gave.")
    return list(place)
