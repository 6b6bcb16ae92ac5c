"""Checks of requests and their answers against the log."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from torture.log import Event, Known, Log, Report
from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    ROOM_CHANGE,
    Answer,
    Ask,
    CallAnswered,
    Record,
    Refusal,
    Retained,
    RoomAsked,
    Seen,
    Unknown,
    Welcomed,
)
from torture.streams import Stream

from chat_grpc.journal.pruning import SUPERSEDED_AFTER

Content = tuple[str, str, str, int]


@dataclass(slots=True)
class Request:
    """All tries of one request id with one content."""

    user: int
    request_id: str
    content: Content
    first: float
    """The time of the first try."""
    last: float = 0.0
    """The time of the last try."""
    tries: int = 0
    answers: list[Answer] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def may_be_repeated(self, known: float) -> bool:
        """Tell whether a late try can be carried out again: its id was known for some seconds."""
        end = max([self.last, *(answer.at for answer in self.answers)])
        return end - self.first > known / 2

    @property
    def named(self) -> str:
        """The request as text for a report."""
        what, place, text, target = self.content
        return f"{self.request_id} of {self.user} ({what} {place} {target or ''} {text[:40]!r})"


def requests_of(records: list[Record], report: Report) -> list[Request]:
    """Group the tries of each request.

    On one stream the answers to one id come in the order of the tries. An answer to nothing is
    reported as I14.
    """
    requests: dict[tuple[int, str, Content], Request] = {}
    waiting: dict[tuple[str, str], list[Request]] = defaultdict(list)
    for record in records:
        if isinstance(record, Ask):
            key = (record.user, record.request_id, record.content)
            request = requests.setdefault(key, Request(*key, first=record.at))
            request.tries += 1
            request.last = record.at
            if record.request_id:
                waiting[record.stream, record.request_id].append(request)
        elif isinstance(record, Answer | Refusal | Unknown):
            tries = waiting[record.stream, record.request_id]
            if not tries:
                report("I14", f"{record} answers nothing")
                continue
            request = tries.pop(0)
            if isinstance(record, Answer):
                request.answers.append(record)
            elif isinstance(record, Refusal):
                request.refusals.append(record)
    return list(requests.values())


def check_requests(records: list[Record], log: Log, report: Report) -> None:
    """Check I1, I2, I3, I7, I10, I13, I14 and I23 on every request and every event."""
    requests = requests_of(records, report)
    # Retention also drops request ids: then the same request can be carried out again.
    known_for = retention_of(records) or float("inf")
    asked: dict[tuple[int, Content], list[Request]] = defaultdict(list)
    for request in requests:
        asked[request.user, request.content].append(request)
        _check_answers(request, log, known_for, report)
    _check_ids(requests, known_for, report)
    _check_retention(records, requests, report)
    _check_markers(records, log, asked, report)
    _check_once(log, asked, known_for, report)
    seen: dict[int, float] = {}
    for record in records:
        if isinstance(record, Seen):
            seen.setdefault(record.sequence, record.at)
    for event in log.events.values():
        if event.what != ROOM_CHANGE:
            _check_asked(event, asked[event.author, event.content], seen, report)
    known = Known((r.at, r.sequence) for r in records if isinstance(r, Answer | Seen))
    _check_real_time(requests, log, known, report)
    _check_writers(log, asked, known, report)
    _check_rooms(records, log, report)


def _check_answers(request: Request, log: Log, known_for: float, report: Report) -> None:
    if not request.may_be_repeated(known_for):
        told = sorted({answer.sequence for answer in request.answers})
        if len(told) > 1:
            report("I14", f"{request.named} was answered with {told}")
        if sum(not answer.duplicate for answer in request.answers) > 1:
            report("I14", f"{request.named} was carried out twice according to its answers")
    for answer in request.answers[:1]:
        event = log.events.get(answer.sequence)
        if event is None and answer.sequence < log.oldest:
            continue
        if event is None:
            report("I1", f"{request.named} has the sequence {answer.sequence}: not in the log")
        elif event.author != request.user or not _same(event, request.content, log):
            report("I1", f"{request.named} has the sequence {answer.sequence}: {event}")


def _same(event: Event, content: Content, log: Log) -> bool:
    """Tell whether an event has the requested content, or has rightly lost its text."""
    if event.content == content:
        return True
    what, place, _, target = content
    gone = log.deleted(event) or log.may_be_blank(event)
    return event.content == (what, place, "", target) and gone


def _check_ids(requests: list[Request], known_for: float, report: Report) -> None:
    """Check I3: requests with one id have one effect."""
    by_id: dict[tuple[int, str], list[Request]] = defaultdict(list)
    for request in requests:
        if request.request_id and request.answers:
            by_id[request.user, request.request_id].append(request)
    for carried_out in by_id.values():
        times = [request.first for request in carried_out]
        if len(carried_out) > 1 and max(times) - min(times) < known_for / 2:
            report(
                "I3",
                f"one request id was carried out twice: {[each.named for each in carried_out]}",
            )


def _check_once(
    log: Log,
    asked: dict[tuple[int, Content], list[Request]],
    known_for: float,
    report: Report,
) -> None:
    made: dict[tuple[int, Content], list[int]] = defaultdict(list)
    for event in log.events.values():
        if (event.what in (MESSAGE, EDITED) and event.text) or event.what in (DELETED, REACTION):
            made[event.author, event.content].append(event.sequence)
    for key, sequences in made.items():
        if any(request.may_be_repeated(known_for) for request in asked[key]):
            continue
        if len(sequences) > len({request.request_id for request in asked[key]}):
            report("I3", f"{key} of user {key[0]} is in the log at {sequences}")
    deleted: dict[int, list[int]] = defaultdict(list)
    for event in log.events.values():
        if event.what == DELETED:
            deleted[event.target].append(event.sequence)
    for message, sequences in deleted.items():
        if len(sequences) > 1:
            report("I3", f"{message} was deleted at {sequences}")


def retention_of(records: Iterable[Record]) -> float:
    """Return the age in seconds at which the server drops events, 0 if it keeps them."""
    return next((record.seconds for record in records if isinstance(record, Retained)), 0.0)


def _check_retention(records: list[Record], requests: list[Request], report: Report) -> None:
    """Check I23: nothing is dropped before its time, however the clock jumps."""
    keep = retention_of(records)
    asked = sorted((a.sequence, r.first, r.named) for r in requests for a in r.answers)
    oldest = 0
    for record in records:
        if not isinstance(record, Welcomed) or record.oldest <= oldest:
            continue
        begin, end = bisect_left(asked, (oldest,)), bisect_left(asked, (record.oldest,))
        oldest = record.oldest
        for sequence, first, named in asked[begin:end]:
            if not keep or record.at - first < keep:
                age = record.at - first
                report("I23", f"{named}, at {sequence}, was dropped at the age of {age:.1f} s")


def _check_markers(
    records: list[Record], log: Log, asked: dict[tuple[int, Content], list[Request]], report: Report
) -> None:
    """Check I23: no superseded read marker is removed before its time."""
    keep = retention_of(records) or SUPERSEDED_AFTER
    end = records[-1].at
    for marker in (log.events[sequence] for sequence in sorted(log.optional)):
        since = min((request.first for request in asked[marker.author, marker.content]), default=0)
        if end - since < keep:
            report("I23", f"{marker} was removed when at most {end - since:.1f} s old")


def _check_asked(
    event: Event, requests: list[Request], seen: dict[int, float], report: Report
) -> None:
    """Check that an event was asked for, before it was seen, and was not refused."""
    if event.what in (MESSAGE, EDITED) and not event.text:
        return  # nobody saw it before its text was deleted
    if not requests:
        report("I2", f"no request made {event}")
        return
    if seen[event.sequence] < min(request.first for request in requests):
        report("I2", f"{event} was seen before its request")
    if all(len(request.refusals) == request.tries for request in requests):
        report("I2b", f"{event} was refused: {requests[0].refusals[0].reason}")


def _check_real_time(requests: list[Request], log: Log, known: Known, report: Report) -> None:
    """Check I7: a request made after an event was known is stored behind that event."""
    for request in requests:
        for answer in request.answers:
            before = known.before(request.first)
            if answer.sequence in log.events and answer.sequence <= before:
                report("I7", f"{request.named} is at {answer.sequence}, and {before} was there")
                break


def check_pipelines(records: list[Record], streams: list[Stream], report: Report) -> None:
    """Check I8: the requests of one stream are stored in the order in which they were made."""
    # Once retention has dropped an event, a repeated request is stored again, behind others.
    known = retention_of(records) or float("inf")
    # Another stream of the user may have made the request long before.
    first: dict[str, float] = {}
    for stream in streams:
        for rid, asks in stream.asked.items():
            first[rid] = min(asks[0].at, first.get(rid, asks[0].at))
    for stream in streams:
        asked = {rid: asks[0].at for rid, asks in stream.asked.items()}
        new = [
            answer
            for answer in stream.answers
            if not answer.duplicate and answer.at - first[answer.request_id] < known
        ]
        new.sort(key=lambda answer: asked[answer.request_id])
        for one, other in pairwise(new):
            if one.sequence >= other.sequence:
                report("I8", f"{stream.name}: {one.request_id} is behind {other.request_id}")


def _check_writers(
    log: Log, asked: dict[tuple[int, Content], list[Request]], known: Known, report: Report
) -> None:
    """Check I13: nobody writes to a room before joining it, or after leaving it."""
    for event in log.events.values():
        if event.what != MESSAGE or event.place[0] == "@" or log.partial:
            continue
        if log.member(event.place, event.author, event.sequence):
            continue
        windows = log.windows.get((event.place, event.author), ())
        left = max((high for low, high in windows if low < event.sequence), default=0)
        since = min((request.first for request in asked[event.author, event.content]), default=0.0)
        if not left or known.before(since) >= left:
            report("I13", f"{event} was written by a user who was not a member")


def _check_rooms(records: list[Record], log: Log, report: Report) -> None:
    """Check I1 and I2 on room changes."""
    if log.partial:
        return
    changes = [event for event in log.events.values() if event.what == ROOM_CHANGE]
    done = {(event.text, event.place, event.target) for event in changes}
    calls = {record for record in records if isinstance(record, RoomAsked)}
    answered = {record.stream for record in records if isinstance(record, CallAnswered)}
    for call in calls:
        # A call that changes nothing also succeeds.
        idle = call.what not in ("CHANGE_CREATED", "CHANGE_JOINED")
        again = call.what == "CHANGE_JOINED" and (call.room, call.subject) in log.windows
        change = (call.what, call.room, call.subject)
        if call.stream in answered and change not in done and not (again or idle):
            report("I1", f"{call} was carried out, but is not in the log")
    wanted = {(call.user, call.what, call.room, call.subject) for call in calls}
    for event in changes:
        if (event.author, event.text, event.place, event.target) not in wanted:
            report("I2", f"no request made {event}")


def check_own_copies(streams: list[Stream], log: Log, report: Report) -> None:
    """Check I10: a sender's other devices get a message at the sequence told to the sender."""
    told: dict[tuple[int, Content], set[int]] = defaultdict(set)
    for stream in streams:
        for answer in stream.answers:
            asks = stream.asked.get(answer.request_id, [])
            if len({ask.content for ask in asks}) == 1 and asks[0].what in (MESSAGE, EDITED):
                told[asks[0].user, asks[0].content].add(answer.sequence)
    for stream in streams:
        for seen in stream.seen:
            place = seen.place if seen.what == MESSAGE else ""
            content = (seen.what, place, seen.text, seen.target)
            sequences = told.get((seen.author, content), {seen.sequence})
            repeated = len(sequences) > 1 or seen.sequence < log.oldest  # see I14
            if seen.author != stream.opened.user or repeated or seen.sequence in sequences:
                continue
            report("I10", f"{stream.name} got at {seen.sequence} the event at {sequences}")
