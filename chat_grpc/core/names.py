"""Which names there can be, and when two names are the same.

A name is a PRECIS username (RFC 8265, `UsernameCaseMapped`) in one script, so that `аlice`
with a Cyrillic `а` cannot pass for `alice` (UTS #39, the single-script restriction level).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from chat_grpc.core.errors import NameInvalid, RoomNotFound
from chat_grpc.core.limits import MAX_NAME_LENGTH
from chat_grpc.spelling.names import name_key

# Japanese and Korean are written in several scripts; each of these sets counts as one.
_WRITTEN_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)
_FORBIDDEN = frozenset("#@:,/\\\"'<>&`")


@lru_cache(maxsize=8192)
def check_name(name: str, *, digits: bool = False) -> tuple[str, str]:
    """Gives the name as it will be shown, and the key by which names are compared.

    `digits` allows digits alone. Raises `NameInvalid`.
    """
    if not name:
        raise NameInvalid("A name is needed: 1 to 32 letters or digits.")
    shown = unicodedata.normalize("NFC", name)
    if len(shown) > MAX_NAME_LENGTH:
        raise NameInvalid(
            f"A name has at most {MAX_NAME_LENGTH} characters.",
            metadata={"max_name_length": str(MAX_NAME_LENGTH)},
        )
    try:
        key = name_key(name)
    except UnicodeError:
        raise NameInvalid(
            "A name is made of letters, digits and punctuation such as . _ -, with no spaces."
        ) from None
    if len(key) > MAX_NAME_LENGTH or _FORBIDDEN & {*shown, *key}:
        raise NameInvalid("A name has none of these: # @ : , / \\ \" ' < > & `")
    if key.isdigit() and not digits:
        raise NameInvalid("A name of digits alone would be taken for a number.")
    if not _one_script(key):
        raise NameInvalid("A name mixes no scripts, such as Latin and Cyrillic letters.")
    # Fullwidth forms and the like are shown as what they are compared as, but for case.
    if unicodedata.normalize("NFKC", shown) != shown:
        shown = key
    return shown, key


def check_room_name(name: str) -> tuple[str, str]:
    """Gives a room's name and key like `check_name`. Raises `NameInvalid`.

    Digits alone do: nothing takes a room for a client's number.
    """
    return check_name(name, digits=True)


def room_key(name: str) -> str:
    """Gives the key by which rooms are compared. Raises `RoomNotFound` for what names none."""
    try:
        return check_room_name(name)[1]
    except NameInvalid:
        raise RoomNotFound(f"There is no room {name!r}.", metadata={"room": name}) from None


def _one_script(key: str) -> bool:
    scripts = {_script(letter) for letter in key if unicodedata.category(letter)[0] == "L"}
    return len(scripts) <= 1 or any(scripts <= together for together in _WRITTEN_TOGETHER)


def _script(letter: str) -> str:
    # The first word of a letter's name is its script; Unicode's own property is in no
    # library that is as small.
    return unicodedata.name(letter, "?").split()[0]
