"""What others wrote, made safe to show: it can never drive the terminal."""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
# Controls, formats (bidi among them), surrogates, private use, and the separators of lines.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN = re.compile(r"[ -~]*")


def safe(text: str) -> str:
    """Replaces whatever could move the cursor, colour, or reorder by a visible escape.

    The result has one line. A tab becomes a space. Zero-width joiners stay within emoji.
    """
    if _PLAIN.fullmatch(text):
        return text
    out: list[str] = []
    for letter in text:
        if unicodedata.category(letter) not in _UNSAFE:
            out.append(letter)
        elif letter == "\t":
            out.append(" ")
        elif letter == _JOINER and out and _in_emoji(out[-1]):
            out.append(letter)
        else:
            out.append(_escape(letter))
    return "".join(out)


def safe_lines(text: str) -> list[str]:
    """Splits a text at its newlines, and makes each line safe; at least one line."""
    return [safe(line) for line in text.replace("\r\n", "\n").split("\n")]


def _in_emoji(letter: str) -> bool:
    return unicodedata.category(letter) in {"So", "Sk"} or letter == "\ufe0f"


def _escape(letter: str) -> str:
    code = ord(letter)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
