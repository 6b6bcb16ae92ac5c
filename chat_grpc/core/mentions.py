"""Mentions: the users whom a text names as `@name`, or as `@name#number`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass

from chat_grpc.core import limits
from chat_grpc.core.clients import Clients
from chat_grpc.core.names import one_script_length, room_key
from chat_grpc.core.room_rules import LOBBY
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.user import User
from chat_grpc.core.words import UNSPACED
from chat_grpc.spelling.names import folded

_ByKey = Callable[[str], User | None]
_ByNumber = Callable[[int], User | None]

_MAX_SIGNS = 5 * limits.MAX_MENTIONS
"""The maximum number of `@` that are examined in one text, mentions or not."""

_MAX_ENDINGS = 8
"""The maximum number of punctuation characters that are tried as the end of a name."""

_MAX_URL = 512
"""The maximum number of characters of a URL before an `@` in it."""

# Characters that no name has end the word after an `@`; one character more than the longest name
# shows that a word is too long.
_WORD = re.compile(
    rf"([^\s#@:,/\\\"'<>&`]{{1,{limits.MAX_NAME_LENGTH + 1}}})(?:#([0-9]{{1,10}})(?![0-9]))?"
)
_ENDS_OF_URLS = ' \t\n\r"<>\u3000，。、；！？）」』】》'
# Inside an address or a word, these connect the letters before them with an `@` after them.
_CONNECTORS = frozenset("_-+%=~&$")


@dataclass(frozen=True, slots=True)
class Mention:
    """An `@` in a text that may name a user."""

    keys: tuple[str, ...]
    """The keys of the possible names, longest first."""
    number: int
    """The user's number, or 0 if the text gives none."""


class Mentions:
    """Finds the users whom a text names. Belongs to the event loop."""

    def __init__(
        self,
        clients: Clients,
        rooms: Rooms,
        users_named: Callable[[Collection[str], Collection[int]], Awaitable[list[User]]],
    ) -> None:
        """`users_named` reads from the store the newest user of each key, and those of numbers."""
        self._clients = clients
        self._rooms = rooms
        self._users_named = users_named

    async def numbers(self, text: str, author: User, to: User | str) -> tuple[int, ...]:
        """Return the numbers of the users whom a text names, in the order of the text.

        Every user who may read the message can be named, connected or not: in the lobby everybody,
        in a room its members, in a direct conversation both sides. `to` is the other side or the
        name of a room. Reads the store at most once, and only for the lobby.

        Raises `RoomNotFound`, and the errors of reading the store.
        """
        if "@" not in text or not (found := mentions(text)):
            return ()
        by_key: _ByKey
        by_number: _ByNumber
        if isinstance(to, User):
            by_key = {user.key: user for user in (author, to)}.get
            by_number = {user.number: user for user in (author, to)}.get
        elif (room_name := room_key(to)) == LOBBY:
            by_key, by_number = await self._everybody(found)
        else:
            room = self._rooms.get(room_name, author.number)
            by_number = room.by_number

            def by_key(key: str) -> User | None:
                return room.by_key(key, self._clients.by_key(key))

        named = (_user(mention, by_key, by_number) for mention in found)
        return tuple(dict.fromkeys(user.number for user in named if user is not None))

    async def _everybody(self, found: Collection[Mention]) -> tuple[_ByKey, _ByNumber]:
        holders = self._clients.by_key
        wanted = {k for m in found if not m.number and holders(m.keys[0]) is None for k in m.keys}
        numbers = {mention.number for mention in found if mention.number}
        users = await self._users_named(wanted, numbers) if wanted or numbers else []
        stored = {user.key: user for user in users if user.key in wanted}
        # The store names the newest user of a name; the one who holds it now comes first.
        return (
            lambda key: holders(key) or stored.get(key),
            {user.number: user for user in users}.get,
        )


def mentions(text: str) -> list[Mention]:
    """Return the first `MAX_MENTIONS` different mentions of a text.

    An `@` inside a word, an e-mail address or a URL is not a mention. The time is bounded for every
    text.
    """
    found: dict[Mention, None] = {}
    has_urls = "://" in text or "www." in text
    end = -1  # of the previous mention
    at = text.find("@")
    for _ in range(_MAX_SIGNS):
        if at < 0 or len(found) == limits.MAX_MENTIONS:
            break
        word = _WORD.match(text, at + 1)
        if word is not None and _begins(text, at, end) and not (has_urls and _in_url(text, at)):
            if keys := tuple(_keys(word[1])):
                found[Mention(keys, int(word[2] or 0))] = None
            end = word.end()
        at = text.find("@", at + 1)
    return list(found)


def _user(mention: Mention, by_key: _ByKey, by_number: _ByNumber) -> User | None:
    if mention.number:
        user = by_number(mention.number)
        return user if user is not None and user.key in mention.keys else None
    return next(filter(None, map(by_key, mention.keys)), None)


def _in_url(text: str, at: int) -> bool:
    before = text[max(0, at - _MAX_URL) : at]
    start = max(map(before.rfind, _ENDS_OF_URLS)) + 1
    return "://" in before[start:] or before.startswith("www.", start)


def _begins(text: str, at: int, end: int) -> bool:
    """Return True if a mention can begin at an `@`; `end` is the end of the previous mention."""
    if at == 0:
        return True
    before = text[at - 1]
    if before == "/":
        return at - 1 == end  # `@alice/@bob`, but no path
    if before == "@":
        return False
    start = at
    while start > 0 and at - start < limits.MAX_NAME_LENGTH and text[start - 1] in _CONNECTORS:
        start -= 1
    return start == 0 or not _in_spaced_word(text[start - 1])


def _in_spaced_word(character: str) -> bool:
    """Return True for letters, digits and marks of scripts that put spaces between words."""
    if character.isascii():
        return character.isalnum()
    if UNSPACED.match(character) or "\ufe00" <= character <= "\ufe0f":
        return False
    return unicodedata.category(character)[0] in "LNM" and character != "\u20e3"


def _keys(word: str) -> Iterator[str]:
    """Yield the keys of the possible names at the start of a word, longest first."""
    key = folded(word)
    if not key.isascii():
        key = _without_foreign_punctuation(key)
    bare = key
    while bare and _is_punctuation(bare[-1]):
        bare = bare[:-1]
    last = min(len(key) if key.isascii() else one_script_length(key), limits.MAX_NAME_LENGTH)
    for end in range(min(len(key), len(bare) + _MAX_ENDINGS), max(len(bare), 1) - 1, -1):
        if end <= last:
            yield key[:end]
    if not key.isascii():
        # Between words of Chinese or Thai there is no space, and Korean binds particles to names.
        ends = range(min(len(bare) - 1, last), 0, -1)
        yield from (key[:end] for end in ends if end == last or _may_end(key, end))


def _without_foreign_punctuation(key: str) -> str:
    """Cut a key before its first punctuation or symbol that is not ASCII: no name has one."""
    for at, character in enumerate(key):
        if not character.isascii() and _is_punctuation(character):
            return key[:at]
    return key


def _may_end(key: str, end: int) -> bool:
    """Return True if a name may end inside a word: at a letter of a script without spaces."""
    if unicodedata.category(key[end])[0] == "M":
        return False
    return UNSPACED.match(key[end - 1]) is not None or UNSPACED.match(key[end]) is not None


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"
