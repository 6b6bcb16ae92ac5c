"""Reactions: one spelling for each emoji of the Unicode data.

Unicode lets many emoji be written with or without U+FE0F, the request for the colored form: `❤` and
`❤️`. A reaction has the *canonical* spelling, the fully-qualified one of emoji-test.txt. Older
stores may contain the others.
"""

from __future__ import annotations

import emoji

_PRESENTATIONS = str.maketrans("", "", "\ufe0e\ufe0f")


def _bare(text: str) -> str:
    return text.translate(_PRESENTATIONS)


_CANONICAL = {
    _bare(each): each
    for each, facts in emoji.EMOJI_DATA.items()
    if facts["status"] == emoji.STATUS["fully_qualified"]
}

MAX_EMOJI_BYTES = max(len(each.encode()) for each in _CANONICAL.values())
"""The size of the longest emoji, in bytes of UTF-8."""


def canonical(text: str) -> str:
    """Return the canonical spelling of one emoji; an empty string if the text is not one."""
    return _CANONICAL.get(_bare(text), "")


def spellings(text: str) -> list[str]:
    """Return the spellings under which an older store may hold a reaction, the canonical first."""
    bare = _bare(text)
    written = [each for each in (bare, text) if each in emoji.EMOJI_DATA]
    partly = [each for each in _variants(bare) if each in emoji.EMOJI_DATA]
    return list(dict.fromkeys([canonical(text) or text, *written, *partly]))


def _variants(bare: str) -> list[str]:
    """Return the canonical spelling without one of its U+FE0F, for each of them."""
    full = _CANONICAL.get(bare, bare)
    places = [at for at, character in enumerate(full) if character == "\ufe0f"]
    return [full[:at] + full[at + 1 :] for at in places]
