"""The values of options: checked, and read as addresses and networks."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.core.networks import Networks
from chat_grpc.spelling.addresses import Address, InvalidAddress, parse_address

NONE = "none"
"""Stands for no networks."""


class ConfigError(Exception):
    """An option has a value that is not allowed; the text is one line with the allowed values."""


def flag_of(name: str) -> str:
    """Return the name of an option as users write it."""
    return name.replace("_", "-")


def check_range(name: str, value: float, lowest: float, highest: float, unit: str = "") -> None:
    """Raise `ConfigError` unless a number is in a range, both ends included."""
    if not lowest <= value <= highest:
        raise ConfigError(f"{flag_of(name)} must be {lowest} to {highest}{unit}, not {value:g}")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise `ConfigError` unless a word is one of some."""
    if value not in choices:
        raise ConfigError(f"{flag_of(name)} must be one of {', '.join(choices)}, not {value}")


def address_of(name: str, value: str) -> Address:
    """Return the address to listen on that an option has. Raises `ConfigError`."""
    shown = flag_of(name)
    try:
        found = parse_address(value, default_port=None, lowest=0)
    except InvalidAddress as error:
        raise ConfigError(f"{shown}: {error}") from None
    if found.path:
        raise ConfigError(f"{shown}: {value!r} is a socket file; write HOST:PORT")
    if found.tls:
        raise ConfigError(f"{shown}: {value!r} has a scheme; write HOST:PORT and tls-cert")
    return found


def networks_of(name: str, words: Sequence[str]) -> Networks:
    """Return the networks that an option has. Raises `ConfigError`."""
    try:
        return Networks(word for word in words if word != NONE)
    except ValueError as error:
        raise ConfigError(f"{flag_of(name)}: {error}") from None
