"""Emoji by their names, for users who cannot type them."""

from __future__ import annotations

import re
from functools import lru_cache

_EVERYDAY = ("thumbs_up", "red_heart", "joy", "tada", "eyes", "check_mark_button", "thinking_face")
_MAX_NAMES = 50
_TONE = "_skin_"

_NAME = re.compile(r":?([A-Za-z0-9_+&’'.()-]+):?")


def find_emoji(word: str) -> str:
    """Return the emoji of a name such as `thumbs_up`, `+1` or `:tada:`, or else the word itself."""
    name = _NAME.fullmatch(word)
    return _by_name().get(name[1].casefold(), word) if name else word


def names_like(beginning: str) -> list[tuple[str, str]]:
    """Return names with their emoji, shortest first: those with the prefix, or common ones.

    Tones of skin are left out unless the prefix leaves nothing else.
    """
    typed = beginning.removeprefix(":").casefold()
    names = [name for name in _by_name() if name.startswith(typed)] if typed else []
    # The five tones of each hand would fill the menu.
    names = [name for name in names if _TONE not in name] or names
    chosen = sorted(names, key=lambda name: (len(name), name))[:_MAX_NAMES] or _EVERYDAY
    return [(name, _by_name()[name]) for name in chosen if name.startswith(typed)]


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Load the library's table, once and only when it is needed: loading is slow."""
    import emoji

    found: dict[str, str] = {}
    for text, facts in emoji.EMOJI_DATA.items():
        if facts["status"] == emoji.STATUS["fully_qualified"]:
            for name in [facts["en"], *facts.get("alias", [])]:
                found.setdefault(name.strip(":").casefold(), text)
    return found
