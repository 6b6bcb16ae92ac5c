"""Text of others, made safe to show: it cannot control the terminal."""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_NON_JOINER = "\u200c"
# Controls, formats (bidi among them), surrogates, private use, and the separators of lines.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN = re.compile(r"[ -~]*")
# Many marks on one letter would cover the lines around it.
_MAX_MARKS = 6
# Reserved for emoji; Python's Unicode tables lack the newest ones.
_EMOJI = range(0x1F000, 0x1FB00)


def safe(text: str) -> str:
    """Replace characters that could move the cursor, color, reorder, or cover text by escapes.

    The result has one line. A tab becomes a space. Joiners stay within emoji, and within words of
    scripts that need them.
    """
    if _PLAIN.fullmatch(text):
        return text
    out: list[str] = []
    marks = 0
    for letter in text:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if (kind not in _UNSAFE or ord(letter) in _EMOJI) and marks <= _MAX_MARKS:
            out.append(letter)
        elif letter == "\t":
            out.append(" ")
        elif out and _joins(letter, out[-1][-1]):
            out.append(letter)
        else:
            out.append(_escape(letter))
    return "".join(out)


def safe_lines(text: str) -> list[str]:
    """Split a text at its newlines and make each line safe; return at least one line."""
    return [safe(line) for line in text.replace("\r\n", "\n").split("\n")]


def _joins(letter: str, before: str) -> bool:
    """Return True if a joiner has a function after the letter `before`."""
    kind = unicodedata.category(before)
    in_word = kind in {"Lo", "Mn", "Mc"} and before != "\ufe0f"
    if letter == _NON_JOINER:
        return in_word
    in_emoji = kind in {"So", "Sk"} or before == "\ufe0f" or ord(before) in _EMOJI
    return letter == _JOINER and (in_word or in_emoji)


def _escape(letter: str) -> str:
    code = ord(letter)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
