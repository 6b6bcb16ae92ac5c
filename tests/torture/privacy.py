"""Checks of block lists and of deleted accounts against the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torture.log import Event, Log, Report, direct
from torture.records import (
    MESSAGE,
    Answer,
    Ask,
    BlockAsked,
    CallAnswered,
    Departed,
    Record,
    Refusal,
    Seen,
)

BLOCKED = "BLOCKED"
FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Change:
    """A user blocked another, or ended that."""

    blocked: bool
    asked: float
    answered: float = FOREVER
    """Infinite if the outcome is not known."""


class Blocks:
    """The block lists over the time of a run. The calls of one user came one after the other."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._changes: dict[tuple[int, int], list[Change]] = defaultdict(list)
        """By the user who blocks and the other one, in order."""
        answered = {record.stream: record.at for record in records if type(record) is CallAnswered}
        for record in records:
            if isinstance(record, BlockAsked):
                at = answered.get(record.stream, FOREVER)
                change = Change(record.blocked, record.at, at)
                self._changes[record.user, record.other].append(change)

    def surely(self, user: int, other: int) -> Iterator[tuple[float, float]]:
        """Yield the periods in which a user certainly blocked another."""
        changes = self._changes.get((user, other), [])
        for at, change in enumerate(changes):
            if change.blocked and change.answered < FOREVER:
                ends = (later.asked for later in changes[at + 1 :] if not later.blocked)
                yield change.answered, next(ends, FOREVER)

    def possibly(self, user: int, other: int) -> Iterator[tuple[float, float]]:
        """Yield the periods in which a user may have blocked another."""
        changes = self._changes.get((user, other), [])
        for at, change in enumerate(changes):
            if change.blocked:
                ends = (
                    later.answered
                    for later in changes[at + 1 :]
                    if not later.blocked and later.answered < FOREVER
                )
                yield change.asked, next(ends, FOREVER)


def check_blocks(records: Sequence[Record], log: Log, report: Report) -> None:
    """Check I27: no direct message passes a block, and none is refused without one."""
    blocks = Blocks(records)
    asked: dict[tuple[int, tuple[str, str, str, int]], float] = {}
    known: dict[int, float] = {}
    tries: dict[tuple[str, str], Ask] = {}
    for record in records:
        if isinstance(record, Ask):
            asked.setdefault((record.user, record.content), record.at)
            tries[record.stream, record.request_id] = record
        elif isinstance(record, Answer | Seen):
            known.setdefault(record.sequence, record.at)
        elif isinstance(record, Refusal) and record.reason == BLOCKED:
            _check_refusal(record, tries.get((record.stream, record.request_id)), blocks, report)
    for event in log.events.values():
        if event.what == MESSAGE and event.place[0] == "@" and event.text:
            since = asked.get((event.author, event.content), 0.0)
            _check_message(event, since, known[event.sequence], blocks, report)


def _pairs(one: int, other: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (one, other), (other, one)


def _check_message(
    event: Event, since: float, known: float, blocks: Blocks, report: Report
) -> None:
    for user, other in _pairs(event.author, int(event.place[1:])):
        for begin, end in blocks.surely(user, other):
            if begin < since and known < end:
                report("I27", f"{event} was stored, and {user} had blocked {other}")


def _check_refusal(refusal: Refusal, ask: Ask | None, blocks: Blocks, report: Report) -> None:
    if ask is None or ask.what != MESSAGE:
        return
    periods = (
        period
        for user, other in _pairs(ask.user, int(ask.place[1:]) if ask.place[0] == "@" else 0)
        for period in blocks.possibly(user, other)
    )
    if not any(begin < refusal.at and ask.at < end for begin, end in periods):
        report("I27", f"{refusal} of {ask.user} to {ask.place}, and nobody blocks")


def note_blocked(records: Sequence[Record], log: Log) -> None:
    """Tell a log the conversations in which a block may have hidden read markers."""
    for record in records:
        if isinstance(record, BlockAsked) and record.blocked:
            log.blocked.add(direct(record.user, record.other))


def check_departures(records: Sequence[Record], log: Log, report: Report) -> None:
    """Check I28: with an account that was deleted with its messages, they are deleted."""
    for record in records:
        if not isinstance(record, Departed) or record.message < log.oldest:
            continue
        if record.message not in log.deletion:
            report("I28", f"the message {record.message} of the deleted {record.user} is left")
