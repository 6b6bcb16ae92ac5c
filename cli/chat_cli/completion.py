"""What the line being typed could become. Pure: text in, suggestions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that could stand where the cursor is."""

    text: str
    """What takes the place of the word being typed."""
    replaces: int
    """How many characters before the cursor it replaces."""
    note: str = ""


def suggest(
    line: str, commands: Mapping[str, str], names: Mapping[str, int]
) -> Sequence[Suggestion]:
    """Completes the end of `line`.

    `commands` maps names to summaries, `names` those who are here to their numbers. A command is
    completed at the beginning of the line, a name after `/to`, and anywhere after an `@`.
    """
    head, space, word = line.rpartition(" ")
    if not space and word.startswith("/") and not word.startswith("//"):
        return [
            Suggestion(f"/{name} ", len(word), note)
            for name, note in commands.items()
            if name.startswith(word[1:].lower())
        ]
    if space and head == "/help":
        return [Suggestion(n, len(word), t) for n, t in commands.items() if n.startswith(word)]
    if space and head == "/to":
        return _names(word, names, "", " ")
    if word.startswith("@"):
        return _names(word[1:], names, "@", " ", extra=1)
    return []


def _names(
    typed: str, names: Mapping[str, int], prefix: str, suffix: str, extra: int = 0
) -> list[Suggestion]:
    return [
        Suggestion(f"{prefix}{name}{suffix}", len(typed) + extra, f"no. {number}")
        for name, number in sorted(names.items(), key=lambda item: item[0].casefold())
        if name.casefold().startswith(typed.casefold())
    ]
