"""Periods as people write them: 10m, 2h, 7d, 1h30m."""

from __future__ import annotations

import re
from datetime import timedelta

_PERIOD = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def period_words(seconds: int) -> str:
    """Return a period as people write it, in its exact units: `7d`, `1h30m`, `0s`."""
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_period(word: str) -> timedelta | None:
    """Return a period; None if the word is none. Raises `OverflowError` if it is too long."""
    if not _PERIOD.fullmatch(word):
        return None
    parts = re.findall(r"([0-9]+)([smhdw])", word)
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
