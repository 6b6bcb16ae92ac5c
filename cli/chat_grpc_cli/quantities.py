"""Quantities as short texts for people: bytes, counts, rates, times, and sparklines. Pure."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(count: int) -> str:
    """Return a number of bytes with a decimal unit, at most 6 characters: `0 B`, `1.2 MB`."""
    value = float(count)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    digits = 0 if unit == "B" or value >= 99.95 else 1
    return f"{value:.{digits}f} {unit}"


def number(value: int) -> str:
    """Return a number with separators between its thousands."""
    return f"{value:,}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, of which the plural ends in s: `1 stream`, `1,200 streams`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def rate(value: float) -> str:
    """Return a rate a second: with one decimal if it is small."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}"


def age(seconds: float) -> str:
    """Return a time in its two largest units: `45s`, `3m 10s`, `4h 05m`, `2d 07h`."""
    whole = max(int(seconds), 0)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour:02}h"
    if hours:
        return f"{hours}h {minute:02}m"
    return f"{minute}m {second:02}s" if minutes else f"{second}s"


def sparkline(values: Sequence[float], columns: int) -> str:
    """Draw the newest values as bars, one a column.

    The highest value is a full bar, but never one below 1: an idle server draws a calm line.
    """
    shown = list(values)[-columns:] if columns > 0 else []
    highest = max([1.0, *shown])
    steps = len(_BARS) - 1
    return "".join(_BARS[min(int(value / highest * steps + 0.5), steps)] for value in shown)
