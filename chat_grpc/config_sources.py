"""The sources of the server's options: flags, environment and file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chat_grpc.config import AUTO, OPTIONS, RATES, Config
from chat_grpc.option_values import ConfigError, flag_of

ENVIRONMENT_PREFIX = "CHAT_GRPC_"
CONFIG_VARIABLE = f"{ENVIRONMENT_PREFIX}CONFIG"

_SWITCH = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


def load(
    flags: Mapping[str, Any], *, file: Path | None, environment: Mapping[str, str] | None = None
) -> Config:
    """Combine the options of flags, environment and file; the first of these takes precedence.

    Raises `ConfigError`.
    """
    given: dict[str, Any] = {}
    if file is not None:
        given.update(_from_file(file))
    given.update(_from_environment(os.environ if environment is None else environment))
    # A flag that may be repeated is empty if it is not given.
    given.update({name: value for name, value in flags.items() if value not in (None, ())})
    typed = {name: _typed(name, value) for name, value in given.items()}
    for name in RATES:
        if typed.get(name) == AUTO:
            raise ConfigError(f"{flag_of(name)} must be 0 or more, not {AUTO}")
    return Config(**typed)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    return {_known(key.replace("-", "_"), f"{file}: {key}"): v for key, v in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    # Other variables with this prefix belong to the commands of clients, and are no error.
    return {
        name: environment[variable]
        for name in OPTIONS
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in environment
    }


def _known(name: str, shown: str) -> str:
    if name not in OPTIONS:
        known = ", ".join(option.replace("_", "-") for option in OPTIONS)
        raise ConfigError(f"{shown} is not an option; use one of {known}")
    return name


def _typed(name: str, value: Any) -> Any:
    wanted: type[Any] = type(OPTIONS[name].default)
    if wanted is tuple:
        return _list(name, value)
    if wanted is bool:
        return _switch(name, value)
    kind = {str: "a text", int: "a whole number", float: "a number"}[wanted]
    if isinstance(value, str) and wanted is not str:
        try:
            return float(value) if wanted is float else int(value)
        except ValueError:
            raise ConfigError(f"{flag_of(name)} must be {kind}, not {value!r}") from None
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ConfigError(f"{flag_of(name)} must be {kind}, not {value!r}")
    return value


def _switch(name: str, value: Any) -> bool:
    """Return a switch: of a file, of a flag, or the word of an environment variable."""
    found = _SWITCH.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ConfigError(f"{flag_of(name)} must be true or false, not {value!r}")
    return found


def _list(name: str, value: Any) -> tuple[str, ...]:
    """Return the words of a list: of a file, of repeated flags, or separated by commas."""
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{flag_of(name)} must be a list of texts, not {value!r}")
    return tuple(each for word in words for each in word.split(","))
