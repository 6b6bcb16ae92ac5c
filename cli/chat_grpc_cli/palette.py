"""The colors of the terminal client, readable on dark and on light backgrounds. Pure.

A terminal may show the 16 colors of ANSI in any way, often as blue on black. So each color is given
in full: from the 6x6x6 cube that terminals with 256 colors have, or, for an unknown background, of
the one brightness that is readable on black and on white. `tests/cli/test_palette.py` computes the
contrasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from chat_grpc.spelling.names import lookup_key

_NAMES = {
    "dark": (
        *("#d7875f", "#ff00ff", "#d7d787", "#d787ff", "#5faf00", "#d75f87"),
        *("#00d787", "#ff5f00", "#00d7d7", "#ffd700", "#5fafff", "#00ff00"),
    ),
    "light": (
        *("#005f00", "#875f87", "#d70000", "#000087", "#5f0000", "#005fff"),
        *("#d70087", "#005faf", "#0000ff", "#5f005f", "#875f00", "#af00d7"),
    ),
    "unknown": (
        *("#ed0000", "#0079ca", "#707d00", "#995eb2", "#008a00", "#c44e5f"),
        *("#bd00fd", "#9b6c34", "#096cff", "#2c8558", "#e00092", "#008197"),
    ),
}
"""The colors of names by the background, in an order in which neighbors differ most."""

_MEANINGS = {
    "dark": {
        "dim": "#8a8a8a",
        "to-me": "#ff87ff",
        "good": "#5fd75f",
        "warn": "#ffaf00",
        "error": "#ff5f5f",
    },
    "light": {
        "dim": "#6c6c6c",
        "to-me": "#af00af",
        "good": "#005f00",
        "warn": "#875f00",
        "error": "#d70000",
    },
    "unknown": {
        "dim": "#767676",
        "to-me": "#e00092",
        "good": "#008a00",
        "warn": "#9b6c34",
        "error": "#ed0000",
    },
}
"""The colors of everything else; `to-me` is for messages to the user."""

NAMES = 12
"""The number of colors of names on each background."""

TRUE_COLOR = frozenset({"truecolor", "24bit"})
"""The values of `COLORTERM` of terminals that show every color, not only 256."""


def background(setting: str, environment: Mapping[str, str]) -> str:
    """Return `dark`, `light` or `unknown` for a value of `Settings.colors`.

    `auto` follows `COLORFGBG`, in which some terminals give the ANSI numbers of their foreground
    and background, such as `15;0`.
    """
    if setting in _NAMES:
        return setting
    number = environment.get("COLORFGBG", "").rpartition(";")[2]
    if not (number.isascii() and number.isdigit()):
        return "unknown"
    return "dark" if int(number) in {*range(7), 8} else "light"


def names_on(background: str) -> tuple[str, ...]:
    """Return the colors of names on a background."""
    return _NAMES[background]


def rules(background: str) -> dict[str, str]:
    """Return the style rules of the client for a background."""
    colors, names = _MEANINGS[background], _NAMES[background]
    dim, to_me = colors["dim"], colors["to-me"]
    by_number = {f"name-{n}": color for n, color in enumerate(names)}
    return by_number | {
        "time": dim,
        "dim": dim,
        "gutter": dim,
        "own": "bold",
        "direct": f"{to_me} bold",
        "mention": "bold underline",
        "error": colors["error"],
        "heading": "bold",
        "bottom-toolbar": "noreverse",
        "good": colors["good"],
        "warn": f"{colors['warn']} bold",
        "unread": to_me,
        "wanted": f"{to_me} bold reverse",
        "current": "reverse",
    }


class NameColors:
    """Chooses the color of a user: by number, so that it is the same in every session."""

    def __init__(self, chosen: Mapping[str, str] = MappingProxyType({})) -> None:
        """`chosen` has the colors of some names, by their lookup keys."""
        self._chosen = chosen

    def __call__(self, number: int, name: str) -> str:
        """Return the style of a name."""
        return self._chosen.get(lookup_key(name)) or f"class:name-{number % NAMES}"
