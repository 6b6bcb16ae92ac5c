"""Periods as people write them: 10m, 2h, 7d, 1h30m."""

from __future__ import annotations

import re
from datetime import timedelta

_PERIOD = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_period(word: str) -> timedelta | None:
    """Return a period; None if the word is none. Raises `OverflowError` if it is too long."""
    if not _PERIOD.fullmatch(word):
        return None
    parts = re.findall(r"([0-9]+)([smhdw])", word)
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
