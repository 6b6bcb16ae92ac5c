"""The settings of `connect`, from the user's configuration file."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chat_grpc import folders
from chat_grpc.client import ChatError
from chat_grpc.folders import NoHomeFolder
from chat_grpc.spelling.names import lookup_key

FILE_NAME = "client.toml"

MAX_HISTORY_LINES = 10_000
"""Maximum number of typed lines that are kept across sessions."""

MAX_START_LINES = 50
"""Maximum number of messages that a start shows."""

_COLORS = ("auto", "dark", "light", "none")
_LIST = ("auto", "on", "off")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class SettingsUnusable(ChatError):
    """The configuration file has an error; the text names the file, the key and the rule."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of `connect`. The defaults are those without a file."""

    bell: bool = True
    """Ring the terminal's bell on direct messages and mentions."""
    title: bool = True
    """Show the number of unread messages in the title of the window."""
    highlight: tuple[str, ...] = ()
    """Words that are treated like a mention of the user."""
    colors: str = "auto"
    """The background for which colors are chosen: `auto`, `dark`, `light`; `none` for no colors."""
    name_colors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Colors such as `#ff8700` by the lookup keys of names; other names have automatic colors."""
    list: str = "auto"
    """Whether the list of conversations is shown: `auto` (in a wide window), `on`, `off`."""
    history_lines: int = 1000
    """Typed lines that are kept across sessions, 0 to 10,000; 0 keeps none."""
    start_lines: int = 10
    """Messages of the conversation that a start shows, dimmed, 0 to 50."""


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings from a file; without one, from the user's file if it exists.

    Blocks on the disk. Raises `SettingsUnusable`.
    """
    path = file or settings_file()
    if path is None:
        return Settings()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        if file is None and isinstance(error, FileNotFoundError):
            return Settings()
        raise SettingsUnusable(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsUnusable(f"{path} is not TOML: {error}.") from None
    return parse_settings(table, str(path))


def settings_file() -> Path | None:
    """Return the path of the user's file; None if the user has no home folder."""
    try:
        return folders.config_folder() / FILE_NAME
    except NoHomeFolder:
        return None


def parse_settings(table: Mapping[str, Any], file: str) -> Settings:
    """Check the keys and values of a file. Raises `SettingsUnusable`."""
    given = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in _PARSERS:
            raise SettingsUnusable(f"{file}: {key} is no setting; {_cure(name)}")
        try:
            given[name] = _PARSERS[name](value)
        except ValueError as error:
            raise SettingsUnusable(f"{file}: {key} is {_shown(value)}; {error}.") from None
    return Settings(**given)


def _cure(name: str) -> str:
    near = difflib.get_close_matches(name, _PARSERS, n=1)
    return f"did you mean {near[0]}?" if near else f"the settings are {', '.join(_PARSERS)}."


def _shown(value: object) -> str:
    """Return a value as TOML spells it, cut to a readable length."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _switch(value: object) -> bool:
    if value is True or value is False:
        return value
    raise ValueError("use true or false, without quotes")


def _one_of(*words: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in words:
            raise ValueError(f"use one of {', '.join(words)}")
        return str(value)

    return parse


def _words(value: Any) -> tuple[str, ...]:
    match value:
        case [*words] if all(isinstance(word, str) and word.strip() for word in words):
            return tuple(word.strip() for word in words)
    raise ValueError('use a list of words, such as ["deploy", "printer"]')


def _name_colors(value: Any) -> Mapping[str, str]:
    if isinstance(value, dict) and all(map(_is_color, value.values())):
        found = {lookup_key(name): color.lower() for name, color in value.items()}
        return MappingProxyType(found)
    raise ValueError('use a table of names and colors, such as { alice = "#ff8700" }')


def _is_color(value: object) -> bool:
    return isinstance(value, str) and _COLOR.fullmatch(value) is not None


def _up_to(most: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        match value:
            case bool():  # Python counts true and false as whole numbers
                pass
            case int() if 0 <= value <= most:
                return value
        raise ValueError(f"use a whole number from 0 to {most}")

    return parse


_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "bell": _switch,
    "title": _switch,
    "highlight": _words,
    "colors": _one_of(*_COLORS),
    "name_colors": _name_colors,
    "list": _one_of(*_LIST),
    "history_lines": _up_to(MAX_HISTORY_LINES),
    "start_lines": _up_to(MAX_START_LINES),
}
"""The parser of each setting: returns the value, or raises `ValueError` with the rule."""

assert _PARSERS.keys() == {each.name for each in fields(Settings)}
