"""The position at which `tail --since` begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from chat_grpc.client import ChatClient, Position
from chat_grpc_cli.periods import parse_period

_SEQUENCE = re.compile(r"[0-9]{1,18}")
_PLACE = re.compile(r"([^\s:]{8,64}):([0-9]{1,18})")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

WAYS = "a sequence, LOG_ID:SEQUENCE, a period (10m, 2h, 3d) or a time (14:00, 2026-03-01T12:00)"


@dataclass(frozen=True, slots=True)
class Since:
    """A position in a log: at most one of these."""

    position: Position | None = None
    """After an event of a given log."""
    sequence: int | None = None
    """After an event of the log that the server has."""
    moment: datetime | None = None
    """At the first event of this time or later."""


def parse_since(text: str, now: datetime) -> Since:
    """Parse the option; `now` is local. Raises `click.BadParameter`."""
    word = text.strip()
    try:
        if _SEQUENCE.fullmatch(word):
            return Since(sequence=int(word))
        if (passed := parse_period(word)) is not None:
            return Since(moment=now - passed)
        if _CLOCK.fullmatch(word):
            return Since(moment=_last_time(word, now))
        if _DATE.match(word):
            return Since(moment=datetime.fromisoformat(word).astimezone())
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is not a time that exists.") from None
    if place := _PLACE.fullmatch(word):
        return Since(position=Position(place[1], int(place[2])))
    raise click.BadParameter(f"{text!r} is not valid. Use {WAYS}.")


def _last_time(word: str, now: datetime) -> datetime:
    """Return the last moment at which a clock showed a time. Raises `ValueError`."""
    hours, minutes, seconds = [*map(int, word.split(":")), 0][:3]
    shown = now.replace(hour=hours, minute=minutes, second=seconds, microsecond=0, tzinfo=None)
    if shown.astimezone() > now:
        shown -= timedelta(days=1)
    return shown.astimezone()


async def find_position(chat: ChatClient, moment: datetime) -> Position:
    """Find a position in the log before which all events are older than a time.

    It is the position of a lobby message, or the beginning. The caller has to skip older events
    after it. Assumes that the server's times never go back. Raises what `history` raises.
    """
    head = chat.position
    place, low, high = 0, 0, head.sequence
    while low < high:
        middle = (low + high + 1) // 2
        found = await chat.history(before=middle + 1, after=low, limit=1).all()
        if not found:
            low = middle
        elif found[0].time.ToDatetime(tzinfo=UTC) < moment:
            place, low = found[0].sequence, middle
        else:
            high = found[0].sequence - 1
    return Position(head.log_id, place)
