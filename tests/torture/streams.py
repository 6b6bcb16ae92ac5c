"""Checks of each stream against the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from torture.log import Log, Report
from torture.people import DEFINITE
from torture.records import (
    MESSAGE,
    Answer,
    Ask,
    Beat,
    CaughtUp,
    Ended,
    Opened,
    Passed,
    Quiet,
    Record,
    Seen,
    Welcomed,
)
from torture.wire import LOBBY

ENDINGS = {
    "UNAVAILABLE": {"", "DRAINING", "STORAGE_FAILED"},
    "ABORTED": {"REPLACED"},
    "RESOURCE_EXHAUSTED": {"RATE_LIMITED", "SERVER_FULL"},
}
"""The statuses, and their reasons, with which a stream of a correct client may end."""

CALL_ENDINGS = DEFINITE | {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"}
"""The statuses with which a correct call may end: refused, or the server went away."""


TRUNCATED = "RECOVERY_TRUNCATED"


@dataclass(slots=True)
class Stream:
    """The records of one stream, in order."""

    opened: Opened
    welcomed: Welcomed | None = None
    records: list[Record] = field(default_factory=list)
    asked: dict[str, list[Ask]] = field(default_factory=lambda: defaultdict(list))
    answers: list[Answer] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.opened.stream

    @property
    def start(self) -> int:
        """The stream must get everything after this sequence."""
        assert self.welcomed is not None
        if self.welcomed.recovery == "RECOVERY_COMPLETE":
            return self.opened.resume_after
        if self.welcomed.recovery == TRUNCATED:
            return self.welcomed.oldest - 1
        return self.welcomed.head

    @property
    def seen(self) -> list[Seen]:
        """The stored events in the order of their arrival."""
        return [record for record in self.records if isinstance(record, Seen)]

    def own(self) -> tuple[set[int], set[int]]:
        """Return the sequences that it made and must not get, and those that it need not get."""
        whats = {rid: asks[0].what for rid, asks in self.asked.items()}
        counts = self.opened.sdk
        mine = {
            a.sequence
            for a in self.answers
            if not a.duplicate and (counts or whats.get(a.request_id) == MESSAGE)
        }
        again = {a.sequence for a in self.answers if a.duplicate} if counts else set()
        return mine, again - mine


def streams_of(records: Iterable[Record]) -> list[Stream]:
    """Sort the records by stream."""
    streams: dict[str, Stream] = {}
    for record in records:
        if isinstance(record, Opened):
            streams[record.stream] = Stream(record)
            continue
        stream = streams.get(getattr(record, "stream", ""))
        if stream is None:
            continue
        if isinstance(record, Ask):
            stream.asked[record.request_id].append(record)
        elif isinstance(record, Answer):
            stream.answers.append(record)
        elif isinstance(record, Welcomed):
            # The SDK passes later welcomes on to its program; they do not start a stream.
            stream.welcomed = stream.welcomed or record
        stream.records.append(record)
    return list(streams.values())


def check_streams(records: list[Record], streams: list[Stream], log: Log, report: Report) -> None:
    """Check I2, I4, I5, I6, I11, I12, I13, I15, I16, I18 and I19 on every stream."""
    unsure = _maybe_own(records, streams, log)
    _check_calls(records, streams, report)
    for stream in streams:
        _check_end(stream, report)
        if stream.welcomed is None:
            continue
        _check_welcome(stream, report)
        _check_order(stream, report)
        _check_heads(stream, report)
        _check_events(stream, log, unsure.get(stream.name, set()), report)
        _check_passing(stream, log, report)
    _check_log_id(streams, report)
    _check_quiet(records, report)


def _maybe_own(records: list[Record], streams: list[Stream], log: Log) -> dict[str, set[int]]:
    """Return the sequences that each stream may have made: no answer tells the author."""
    sdk = {stream.name for stream in streams if stream.opened.sdk}
    told = {
        record.sequence for record in records if isinstance(record, Answer) if not record.duplicate
    }
    made = {(event.author, event.content): event.sequence for event in log.events.values()}
    unsure: dict[str, set[int]] = defaultdict(set)
    for record in records:
        if isinstance(record, Ask) and (record.what == MESSAGE or record.stream in sdk):
            sequence = made.get((record.user, record.content), 0)
            if sequence and sequence not in told:
                unsure[record.stream].add(sequence)
    return unsure


def _check_end(stream: Stream, report: Report) -> None:
    for record in stream.records:
        if not isinstance(record, Ended) or record.own or _documented(record):
            continue
        # gRPC cancels a stream that reaches a server just when it stops accepting streams.
        if record.status != "CANCELLED" or stream.welcomed is not None:
            report("I16", f"{stream.name}: {record}")


def _check_calls(records: list[Record], streams: list[Stream], report: Report) -> None:
    names = {stream.name for stream in streams}
    for record in records:
        if not isinstance(record, Ended) or record.stream in names:
            continue
        if record.status not in CALL_ENDINGS:
            report("I16", f"{record}")


def _documented(end: Ended) -> bool:
    return end.reason in ENDINGS.get(end.status, ())


def _check_welcome(stream: Stream, report: Report) -> None:
    welcomed, opened = stream.welcomed, stream.opened
    assert welcomed is not None
    if welcomed.user != opened.user:
        report("I15", f"{stream.name} of user {opened.user} was welcomed as {welcomed.user}")
    expected = "RECOVERY_FRESH"
    if opened.log_id:
        expected = TRUNCATED if opened.resume_after + 1 < welcomed.oldest else "RECOVERY_COMPLETE"
        if not opened.log_known:
            expected = "RECOVERY_OTHER_LOG"
    if welcomed.recovery != expected:
        report("I12", f"{stream.name}: {welcomed.recovery} where {expected} is right")


def _check_order(stream: Stream, report: Report) -> None:
    last = stream.start
    for seen in stream.seen:
        if seen.sequence <= last:
            report("I5", f"{stream.name} got {seen.sequence} ({seen.text}) behind {last}")
        last = max(last, seen.sequence)


def _check_heads(stream: Stream, report: Report) -> None:
    head = 0
    for record in stream.records:
        if isinstance(record, Welcomed | CaughtUp | Beat):
            if record.head < head:
                report("I12", f"{stream.name}: the head went from {head} back to {record.head}")
            head = max(head, record.head)


def _check_events(stream: Stream, log: Log, unsure: set[int], report: Report) -> None:
    """Check that the stream saw all events it may see up to each `caught_up`, and no others."""
    user, start = stream.opened.user, stream.start
    mine, again = stream.own()
    allowed = set(log.visible(user, start, log.head))
    got: set[int] = set()
    checked = last = start

    def complete(promise: str, up_to: int) -> None:
        nonlocal checked
        expected = set(log.visible(user, checked, up_to)) - mine - again - unsure - log.optional
        for sequence in sorted(expected - got):
            report(promise, f"{stream.name}, at {up_to}, misses {_named(log, sequence)}")
        checked = max(checked, up_to)

    for record in stream.records:
        if isinstance(record, Seen):
            got.add(record.sequence)
            last = max(last, record.sequence)
            _check_seen(stream, record, log, allowed, mine, report)
        elif isinstance(record, CaughtUp):
            complete("I19", record.head)
            last = max(last, record.head)
        elif isinstance(record, Welcomed) and record.recovery == TRUNCATED:
            # The SDK's program is told that events up to the oldest are gone.
            complete("I6", last)
            checked = last = max(last, record.oldest - 1)
    complete("I6", last)


def _check_seen(
    stream: Stream, seen: Seen, log: Log, allowed: set[int], mine: set[int], report: Report
) -> None:
    event = log.events.get(seen.sequence)
    if event is None:
        report("I2", f"{stream.name} saw {seen}, which is not in the log")
        return
    if seen.body not in event.bodies:
        report("I4", f"{stream.name} saw other bytes of {_named(log, seen.sequence)}")
    if seen.sequence in mine:
        report("I18", f"{stream.name} got its own {_named(log, seen.sequence)}")
    elif seen.sequence not in allowed and seen.sequence > stream.start and log.certain(event):
        report("I13", f"{stream.name} may not see {_named(log, seen.sequence)}")


def _check_passing(stream: Stream, log: Log, report: Report) -> None:
    if log.partial:
        return
    for record in stream.records:
        if not isinstance(record, Passed) or record.place in ("", LOBBY):
            continue
        if (record.place, stream.opened.user) not in log.windows:
            report("I13", f"{stream.name} saw {record}")


def _check_log_id(streams: list[Stream], report: Report) -> None:
    names = {s.welcomed.log_id for s in streams if s.welcomed is not None}
    if len(names) > 1:
        report("I12", f"one log has the names {sorted(names)}")


def _check_quiet(records: list[Record], report: Report) -> None:
    ends = [record for record in records if isinstance(record, Quiet)]
    if not ends:
        report("I11", "the run did not end")
    for end in ends:
        for stream in end.late:
            report("I11", f"{stream} did not reach {end.sequence} when all was quiet")
        last: dict[str, int] = defaultdict(int)
        for record in records:
            if isinstance(record, Seen):
                last[record.stream] = max(last[record.stream], record.sequence)
        for name in end.streams:
            if last[name] < end.sequence and name not in end.late:
                report("I11", f"{name} is at {last[name]}, and the head at {end.sequence}")


def _named(log: Log, sequence: int) -> str:
    event = log.events[sequence]
    return f"{sequence} ({event.what} of {event.author} in {event.place}: {event.text[:40]!r})"
