"""What the line being typed could become. Pure: text in, suggestions out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that could stand where the cursor is."""

    text: str
    """What takes the place of the word being typed."""
    replaces: int
    """How many characters before the cursor it replaces."""
    note: str = ""
    shown: str = ""
    """What the choice shows in place of the text."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from, each with a note."""

    commands: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each command what its words are, see `Command.takes`."""
    names: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    """Without the #."""
    roles: Sequence[str] = ()
    own: str = ""
    """The user's last message."""
    emoji: Callable[[str], Iterable[tuple[str, str]]] = lambda _: ()
    """Gives the emoji whose names begin with something: name and emoji."""


def suggest(line: str, known: Known) -> Sequence[Suggestion]:
    """Completes the end of `line`.

    A command is completed at the beginning of the line, after it what it takes, and anywhere a
    name after an `@`, a room after a `#`.
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
    return []


def _argument(head: str, word: str, known: Known) -> Sequence[Suggestion]:
    """Completes a word that a command takes."""
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
            # The emoji is behind the name, because terminals disagree on how wide one is.
            return [Suggestion(f"{e} ", len(word), e, name) for name, e in known.emoji(word)]
        case "role":
            return _fitting(word, dict.fromkeys(known.roles, ""), "")
        case "command":
            return _fitting(word, known.commands, "")
    return []


def _takes(command: str, known: Known) -> Sequence[str]:
    """Says what a command takes, or the only one that begins so."""
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
