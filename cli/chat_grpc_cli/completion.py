"""Completion of the input line. Pure: text in, suggestions out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that can replace the word before the cursor."""

    text: str
    """The text that is inserted."""
    replaces: int
    """The number of characters before the cursor that it replaces."""
    note: str = ""
    shown: str = ""
    """The text in the menu, if it differs from `text`."""


@dataclass(frozen=True, slots=True)
class Known:
    """The words to choose from, each with a note."""

    commands: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The kinds of words that each command takes; see `Command.takes`."""
    names: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    """Without the #."""
    roles: Sequence[str] = ()
    own: str = ""
    """The user's last message."""
    emoji: Callable[[str], Iterable[tuple[str, str]]] = lambda _: ()
    """Returns the emoji whose names begin with a text, as pairs of name and emoji."""


_FEWEST = 2
"""Letters of the name of an emoji after which a menu opens. `:D` is a smiley."""


def opens_menu(line: str) -> bool:
    """Return True if a menu opens without Tab: after a command, a name, a room or an emoji."""
    word = line.rpartition(" ")[2]
    if line.startswith("/") and not line.startswith("//"):
        return True
    return word[:1] in {"@", "#"} or (
        word[:1] == ":" and word[1:3].isalnum() and len(word) > _FEWEST
    )


def suggest(line: str, known: Known) -> Sequence[Suggestion]:
    """Complete the end of `line`.

    Completes a command at the beginning of the line, then the arguments of the command, and
    anywhere a name, a room after `#`, or an emoji after `:`. A name at the beginning gets a colon,
    which makes it a mention.
    """
    head, space, word = line.rpartition(" ")
    if not space and word.startswith("/") and not word.startswith("//"):
        return _fitting(word, {f"/{name}": note for name, note in known.commands.items()})
    if found := _argument(head, word, known):
        return found
    if word.startswith("@"):
        return _fitting(word, _signed("@", known.names))
    if word.startswith("#"):
        return _fitting(word, _signed("#", known.rooms))
    if word.startswith(":"):
        return _emoji(word, known) if len(word) > _FEWEST else []
    if not word or line.startswith("/"):
        return []
    return _fitting(word, known.names, " " if space else ": ")


def _emoji(word: str, known: Known) -> Sequence[Suggestion]:
    # The emoji stands after the name, because terminals disagree on its width.
    return [Suggestion(f"{emoji} ", len(word), emoji, name) for name, emoji in known.emoji(word)]


def _argument(head: str, word: str, known: Known) -> Sequence[Suggestion]:
    """Complete an argument of a command."""
    command, *before = head.split() if head.startswith("/") else [""]
    takes = _takes(command[1:].lower(), known)
    if len(before) >= len(takes):
        return []
    names, rooms = known.names, _signed("#", known.rooms)
    if word.startswith("@"):
        names = _signed("@", names)
    match takes[len(before)]:
        case "name":
            return _fitting(word, names)
        case "room":
            plain = _fitting(word, known.rooms) if word[:1] not in {"", "#"} else []
            return plain or _fitting(word, rooms)
        case "conversation":
            return [*_fitting(word, names), *_fitting(word, rooms)]
        case "own":
            fits = known.own and known.own.startswith(word)
            return [Suggestion(known.own, len(word))] if fits else []
        case "emoji":
            return _emoji(word, known)
        case "role":
            return _fitting(word, dict.fromkeys(known.roles, ""), "")
        case "command":
            return _fitting(word, known.commands, "")
    return []


def _takes(command: str, known: Known) -> Sequence[str]:
    """Return the arguments of a command, also for an unambiguous prefix."""
    if command in known.takes:
        return known.takes[command]
    found = [takes for name, takes in known.takes.items() if command and name.startswith(command)]
    return found[0] if len(found) == 1 else ()


def _signed(sign: str, words: Mapping[str, str]) -> dict[str, str]:
    return {f"{sign}{word}": note for word, note in words.items()}


def _fitting(typed: str, words: Mapping[str, str], suffix: str = " ") -> list[Suggestion]:
    return [
        Suggestion(f"{word}{suffix}", len(typed), note)
        for word, note in sorted(words.items(), key=lambda item: item[0].casefold())
        if word.casefold().startswith(typed.casefold())
    ]
