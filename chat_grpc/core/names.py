"""Validation and comparison of the names of users and rooms.

A name is a PRECIS username (RFC 8265, `UsernameCaseMapped`) in one script, as UTS #39 defines it
("single script", section 5.1), so that `аlice` with a Cyrillic `а` cannot pass for `alice`. Names
are compared by their *key*, which has no case and no width variants.

`check_name` and `check_room_name` decide whether a new name is allowed. `room_key` and `folded`
only compute the key, so that users and rooms of older stores stay reachable after a rule becomes
stricter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import unicodedataplus

from chat_grpc.core import limits
from chat_grpc.core.errors import NameInvalid, RoomNotFound
from chat_grpc.spelling.names import folded, name_key

MAX_MARKS = 2
"""The maximum number of marks on one letter."""

MAX_MARKS_STACKED = 4
"""The same for scripts that stack vowels, tones or accents: `ज़ें` and `ᾧ` have 3."""

_STACKED = (
    "Beng Deva Grek Gujr Guru Hebr Khmr Knda Lana Laoo Mlym Mymr Orya Sinh Syrc Taml Telu Tibt"
)
_STACKING = frozenset(_STACKED.split())

# UTS #39, 5.1: Chinese, Japanese and Korean are each written in several scripts.
_AUGMENTED = {
    "Hani": ("Hanb", "Jpan", "Kore"),
    "Hira": ("Jpan",),
    "Kana": ("Jpan",),
    "Hang": ("Kore",),
    "Bopo": ("Hanb",),
}
_ANY_SCRIPT = frozenset({"Zyyy", "Zinh"})

_FORBIDDEN = frozenset("#@:,/\\\"'<>&`")

# A name that int() or float() of common languages reads as a number.
_NUMBER = re.compile(r"(0[bo])?\d[\d_]*(\.[\d_]*)?(e[+-]?\d+)?|\.\d[\d_]*(e[+-]?\d+)?|0x[\da-f_]+")

# Names by which the interface speaks of the reader, of groups of people, or of itself.
_RESERVED_WORDS = (
    "admin administrator all anybody anyone everybody everyone here lobby me"
    " myself self somebody someone system you yourself"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())

# Cyrillic and Greek letters that have the shape of a Latin one (UTS #39, confusables.txt), for the
# letters of the reserved words; `0` and `1` follow in `_skeletons`.
_CYRILLIC = "аa вb ԁd еe һh нh іi јj кk ӏl мm оo рp ѕs тt ѵv ԝw хx уy"
_GREEK = "αa εe ιi κk νv οo ρp τt υu γy"
_NOT_ALNUM = re.compile("[^0-9A-Za-z]+")
_LATIN_SHAPES = str.maketrans({pair[0]: pair[1] for pair in f"{_CYRILLIC} {_GREEK}".split()})


@lru_cache(maxsize=8192)
def check_name(name: str) -> tuple[str, str]:
    """Return the display form and the key of a new user's name.

    Raises `NameInvalid`.
    """
    shown, key = _checked(name)
    if _NUMBER.fullmatch(key):
        raise NameInvalid(f"{shown!r} looks like a number; choose a name with letters.")
    if not any(map(_is_letter, key)):
        raise NameInvalid("A name needs at least one letter.")
    return shown, key


@lru_cache(maxsize=8192)
def check_room_name(name: str) -> tuple[str, str]:
    """Return the display form and the key of a new room's name, `lobby` included.

    A number is allowed: `#2026` cannot be mistaken for a user's number. Raises `NameInvalid`.
    """
    if folded(name) == "lobby":
        return "lobby", "lobby"
    shown, key = _checked(name)
    if not any(map(str.isalnum, key)):
        raise NameInvalid("A room's name needs at least one letter or digit.")
    return shown, key


def room_key(name: str) -> str:
    """Return the key of a room's name. Raises `RoomNotFound` if no room can have the name."""
    if not 0 < len(name) <= 2 * limits.MAX_NAME_LENGTH:
        raise RoomNotFound(f"There is no room {name!r}.", metadata={"room": name})
    return folded(name)


def one_script_length(key: str) -> int:
    """Return the length of the longest start of a key that is in one script.

    A writing system of several scripts, such as the Japanese one, counts as one script; characters
    that all scripts use, such as `1` and `_`, do not count.
    """
    common: frozenset[str] | None = None
    for at, character in enumerate(key):
        scripts = _scripts(character)
        if scripts:
            common = scripts if common is None else common & scripts
            if not common:
                return at
    return len(key)


def _checked(name: str) -> tuple[str, str]:
    """Check the rules that users and rooms have in common."""
    if not name:
        raise NameInvalid(f"A name is required: 1 to {limits.MAX_NAME_LENGTH} letters or digits.")
    if len(name) > 4 * limits.MAX_NAME_LENGTH:  # before the work below, which grows with the length
        raise _too_long()
    shown = unicodedata.normalize("NFC", name)
    if len(shown) > limits.MAX_NAME_LENGTH:
        raise _too_long()
    try:
        key = name_key(name)
    except UnicodeError:
        raise NameInvalid(
            "Use only letters, digits and punctuation such as . _ - in a name, and no spaces."
        ) from None
    if len(key) > limits.MAX_NAME_LENGTH:
        raise _too_long()
    if _FORBIDDEN & {*shown, *key}:
        raise NameInvalid("These characters are not allowed in a name: # @ : , / \\ \" ' < > & `")
    if key[0] in "+-":
        raise NameInvalid(f"A name cannot start with {key[0]}; it would look like an option.")
    if not key.isascii():  # ASCII is one script without marks
        if one_script_length(key) < len(key):
            raise NameInvalid("Use letters, digits and marks of one script only.")
        _check_marks(key)
    if not _RESERVED.isdisjoint(_skeletons(shown, key)):
        raise NameInvalid(
            f"The name {shown} is reserved, or looks like a reserved one; choose another."
        )
    # Show fullwidth forms and the like as they are compared, except for case.
    if unicodedata.normalize("NFKC", shown) != shown:
        shown = key
    return shown, key


def _too_long() -> NameInvalid:
    return NameInvalid(
        f"A name has at most {limits.MAX_NAME_LENGTH} characters.",
        metadata={"max_name_length": str(limits.MAX_NAME_LENGTH)},
    )


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=4096)
def _scripts(character: str) -> frozenset[str]:
    """Return the scripts and writing systems of a character; empty if it belongs to all."""
    if _is_mark(character) and unicodedataplus.script(character) in ("Inherited", "Common"):
        return frozenset()
    scripts = unicodedataplus.script_extensions(character)
    if not _ANY_SCRIPT.isdisjoint(scripts):
        return frozenset()
    return frozenset(scripts).union(*(_AUGMENTED.get(script, ()) for script in scripts))


def _check_marks(key: str) -> None:
    """Check that each mark is on a letter, and that no letter has too many, or one twice."""
    letter = ""
    marks: list[str] = []
    for character in unicodedata.normalize("NFD", key):
        if not _is_mark(character):
            letter, marks = character, []
            continue
        if not letter or not _is_letter(letter):
            raise NameInvalid("A mark such as an accent must follow a letter.")
        most = MAX_MARKS if _STACKING.isdisjoint(_scripts(letter)) else MAX_MARKS_STACKED
        if len(marks) == most or character in marks:
            raise NameInvalid(
                f"A letter can have at most {most} marks such as accents, each of them once."
            )
        marks.append(character)


def _skeletons(shown: str, key: str) -> set[str]:
    """Return the shapes that a name has for a reader, with each reading of the digit 1."""
    shapes: set[str] = set()
    forms = [key]
    # A capital I between small letters has the shape of an l. Without one, ASCII has no other form.
    if not shown.isupper() and ("I" in shown or not shown.isascii()):
        forms.append(folded(shown.replace("I", "l")))
    for form in forms:
        if form.isascii():
            shape = _NOT_ALNUM.sub("", form)
        else:
            bare = "".join(filter(str.isalnum, unicodedata.normalize("NFKD", form)))
            shape = bare.translate(_LATIN_SHAPES)
        shape = shape.replace("0", "o")
        shapes |= {shape.replace("1", "l"), shape.replace("1", "i")}
    return shapes
