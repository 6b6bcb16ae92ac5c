"""The checker finds nothing in a correct history, and each kind of fault in a wrong one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from torture.checker import check
from torture.records import (
    Answer,
    Ask,
    CaughtUp,
    Complaint,
    Ended,
    History,
    Item,
    Listed,
    Opened,
    Passed,
    Quiet,
    Record,
    RoomAsked,
    Seen,
    Welcomed,
    read_all,
)
from torture.server import complaints
from torture.story import Story, good, item

from chat_grpc.journal.pruning import SUPERSEDED_AFTER
from chat_grpc.v1 import chat_pb2

Records = list[Record]
_R = TypeVar("_R", bound=Record)


def all_of(records: Records, kind: type[_R], **fields: Any) -> list[_R]:
    """Return the records of a kind with some fields."""
    return [
        r
        for r in records
        if isinstance(r, kind) and all(getattr(r, name) == v for name, v in fields.items())
    ]


def without(records: Records, kind: type[Record], **fields: Any) -> Records:
    """Return the records without some of them."""
    gone = all_of(records, kind, **fields)
    assert gone
    return [record for record in records if record not in gone]


def changed(records: Records, kind: type[Record], new: dict[str, Any], **fields: Any) -> Records:
    """Return the records, some of them with other values."""
    found = all_of(records, kind, **fields)
    assert found
    return [replace(r, **new) if r in found else r for r in records]


def with_more(records: Records, *more: Record) -> Records:
    """Return the records and some more."""
    return [*records, *more]


def copied(records: Records, new: dict[str, Any], **fields: Any) -> Records:
    """Let a stream see an event once more, with other values."""
    seen = all_of(records, Seen, **fields)[0]
    return with_more(records, replace(seen, **({"at": seen.at + 0.5} | new)))


def swapped(records: Records, stream: str, one: str, other: str) -> Records:
    """Let a stream see two events in the other order."""
    first, second = (all_of(records, Seen, stream=stream, text=text)[0] for text in (one, other))
    new = {first: replace(first, at=second.at), second: replace(second, at=first.at)}
    return [new.get(record, record) if isinstance(record, Seen) else record for record in records]


def seen(records: Records, text: str) -> Seen:
    """Return an event by its text."""
    return all_of(records, Seen, text=text)[0]


def phantom(records: Records, **fields: Any) -> Records:
    """Add an event to the log that all users read at the end and no request made."""
    last = seen(records, "the last one")
    event = replace(last, sequence=last.sequence + 2, body="x", **fields)
    streams = all_of(records, Opened, final=True)
    return with_more(
        records, *(replace(event, at=900.0 + n, stream=s.stream) for n, s in enumerate(streams))
    )


def relisted(records: Records, new: Callable[[Item], Item | None], **fields: Any) -> Records:
    """Change the items of some lists."""
    for listed in all_of(records, Listed, **fields):
        items = tuple(kept for each in listed.items if (kept := new(each)) is not None)
        records = [replace(r, items=items) if r is listed else r for r in records]
    return records


def other_sequence(records: Records) -> Records:
    """Let a sender's other device see a message at another sequence than the sender was told."""
    answer = all_of(records, Answer)[0]
    event = all_of(records, Seen, text="first", stream="u1/1#1")[0]
    return [replace(r, sequence=answer.sequence + 1) if r is event else r for r in records]


def answered_late(records: Records, text: str) -> Records:
    """Ask for a message after it was seen."""
    ask = all_of(records, Ask, text=text)[0]
    answer = all_of(records, Answer, request_id=ask.request_id)[0]
    return [replace(r, at=answer.at - 0.5) if r is ask else r for r in records]


def caught_up_early(records: Records) -> Records:
    """Tell a stream that it has caught up before it has."""
    first = all_of(records, Seen, stream="u2/0#2")[0]
    head = seen(records, "missed one").sequence
    return with_more(records, CaughtUp(first.at - 0.5, "u2/0#2", head, fell_behind=False))


def nothing(_: Item) -> None:
    """Leave an item out of a list."""


def lost(records: Records) -> Records:
    """Lose an acknowledged message."""
    return without(records, Seen, text="missed one")


def misread(records: Records) -> Records:
    """Accept a list of a room by a user who is not a member."""
    return with_more(records, Listed(950.0, 951.0, 3, "#r", (), whole=True, status="OK"))


def stored_twice(records: Records) -> Records:
    """Store a message a second time, at another sequence."""
    return phantom(records, author=1, text="first")


def reused(records: Records) -> Records:
    """Carry out another request with an id that was used."""
    answer = all_of(records, Answer)[0]
    ask = all_of(records, Ask, request_id=answer.request_id)[0]
    other = replace(ask, at=800.0, stream="u1/1#1", text="other")
    told = replace(answer, at=801.0, stream="u1/1#1")
    return with_more(records, other, told)


def deleted_twice(records: Records) -> Records:
    """Delete a deleted message again."""
    delete = all_of(records, Ask, what="deleted")[0]
    records = with_more(records, replace(delete, at=800.0, request_id="another"))
    return phantom(records, what="deleted", author=1, place="", text="", target=delete.target)


def asked_later(records: Records) -> Records:
    """Ask for a message after a later one was known."""
    ask = all_of(records, Ask, text="with bob")[0]
    answer = all_of(records, Answer, request_id=ask.request_id)[0]
    late = {ask: replace(ask, at=700.0), answer: replace(answer, at=701.0)}
    return [late.get(r, r) if isinstance(r, Ask | Answer) else r for r in records]


def pipelines_crossed(records: Records) -> Records:
    """Store what one stream asked for in the other order."""
    one, two = (all_of(records, Ask, text=f"pipelined {n}")[0] for n in ("one", "two"))
    crossed = {one: replace(one, text=two.text), two: replace(two, text=one.text)}
    records = [crossed.get(r, r) if isinstance(r, Ask) else r for r in records]
    answers = [all_of(records, Answer, request_id=ask.request_id)[0] for ask in (one, two)]
    told = {
        answers[0]: replace(answers[0], sequence=answers[1].sequence),
        answers[1]: replace(answers[1], sequence=answers[0].sequence),
    }
    return [told.get(r, r) if isinstance(r, Answer) else r for r in records]


def written_by_no_member(records: Records) -> Records:
    """Let a user write to a room without a membership."""
    records = with_more(records, Ask(800.0, "u3/0#1", 3, "new", "message", "#r", "intruder"))
    event = seen(records, "after bob")
    new = replace(event, sequence=999, author=3, text="intruder", body="x")
    return with_more(records, replace(new, stream="u1/final#1", at=900.0))


# Faults by the promise that they break; a promise can be broken in several ways.
FAULTS: list[tuple[str, str, Callable[[Records], Records]]] = [
    ("I1", "lost", lost),
    ("I1", "another text", lambda r: changed(r, Seen, {"text": "x"}, text="first")),
    ("I1", "another place", lambda r: changed(r, Answer, {"sequence": 3}, request_id="id2")),
    ("I1", "room lost", lambda r: without(r, Seen, text="CHANGE_CREATED")),
    ("I2", "phantom", lambda r: phantom(r, text="nobody wrote this")),
    ("I2", "phantom on one stream", lambda r: copied(r, {"sequence": 999}, text="first")),
    ("I2", "too early", lambda r: answered_late(r, "missed one")),
    ("I2", "phantom in a list", lambda r: relisted(r, lambda i: replace(i, sequence=5), user=1)),
    ("I2", "phantom in a room", lambda r: without(r, RoomAsked, what="CHANGE_LEFT")),
    ("I2b", "refused", lambda r: phantom(r, author=3, text="refused")),
    ("I3", "stored twice", stored_twice),
    ("I3", "one id for two", reused),
    ("I3", "deleted twice", deleted_twice),
    ("I4", "other bytes", lambda r: changed(r, Seen, {"body": "x"}, text="first", stream="u2/0#1")),
    (
        "I4",
        "another author",
        lambda r: changed(r, Seen, {"author": 2}, text="first", stream="u2/0#1"),
    ),
    (
        "I4",
        "another author in a list",
        lambda r: relisted(r, lambda i: replace(i, author=3), user=2),
    ),
    ("I5", "twice", lambda r: copied(r, {}, text="first", stream="u2/0#1")),
    ("I5", "swapped", lambda r: swapped(r, "u2/0#1", "pipelined one", "pipelined two")),
    (
        "I5",
        "again after a drop",
        lambda r: copied(r, {"stream": "u2/0#2", "at": 400.0}, text="first"),
    ),
    ("I6", "missing", lambda r: without(r, Seen, text="first, edited", stream="u3/0#1")),
    ("I7", "out of real time", asked_later),
    ("I8", "a pipeline crossed", pipelines_crossed),
    ("I9", "missing in a list", lambda r: relisted(r, nothing, user=2, final=False)),
    ("I9", "an old text", lambda r: relisted(r, lambda i: replace(i, text="first"), user=3)),
    ("I9", "not deleted", lambda r: relisted(r, lambda i: replace(i, deleted=False), user=3)),
    ("I10", "another copy", other_sequence),
    ("I11", "late", lambda r: changed(r, Quiet, {"late": ("u1/0#1",)})),
    ("I11", "not at the head", lambda r: without(r, Seen, text="the last one", stream="u1/1#1")),
    ("I11", "no end", lambda r: without(r, Quiet)),
    ("I12", "the head goes back", lambda r: changed(r, CaughtUp, {"head": -1})),
    ("I12", "another log", lambda r: changed(r, Welcomed, {"log_id": "x"}, stream="u2/0#2")),
    ("I12", "recovery", lambda r: changed(r, Welcomed, {"recovery": "RECOVERY_FRESH"}, user=2)),
    ("I13", "before joining", lambda r: copied(r, {"stream": "u2/0#1"}, text="before bob")),
    ("I13", "after leaving", lambda r: copied(r, {"stream": "u2/0#1"}, text="after bob")),
    ("I13", "not for this user", lambda r: copied(r, {"stream": "u3/0#1"}, text="missed, for bob")),
    ("I13", "typing", lambda r: with_more(r, Passed(500.0, "u3/0#1", "typing", 1, "#r"))),
    ("I13", "listed by no member", misread),
    (
        "I13",
        "not listed",
        lambda r: changed(r, Listed, {"status": "NOT_FOUND"}, place="#r", user=1),
    ),
    (
        "I13",
        "lobby not listed",
        lambda r: changed(r, Listed, {"status": "NOT_FOUND"}, place="#lobby"),
    ),
    ("I13", "written by no member", written_by_no_member),
    ("I14", "two answers", lambda r: changed(r, Answer, {"sequence": 4}, duplicate=True)),
    ("I14", "done twice", lambda r: changed(r, Answer, {"duplicate": False}, duplicate=True)),
    ("I14", "answered before", lambda r: with_more(r, Answer(0.5, "u1/0#1", "id1", 2, False))),
    ("I15", "somebody else", lambda r: changed(r, Welcomed, {"user": 3}, stream="u2/0#2")),
    ("I16", "status", lambda r: changed(r, Ended, {"status": "INTERNAL"})),
    ("I16", "cancelled", lambda r: changed(r, Ended, {"status": "CANCELLED"})),
    ("I16", "reason", lambda r: changed(r, Ended, {"reason": "BANNED"})),
    ("I16", "call", lambda r: with_more(r, Ended(9.5, "u1/call#9", "UNKNOWN", "", own=False))),
    ("I17", "left open", lambda r: with_more(r, Complaint(999.0, "I17", "files"))),
    ("I18", "own", lambda r: copied(r, {"stream": "u1/0#1"}, text="first")),
    ("I19", "caught up too early", caught_up_early),
    (
        "I20",
        "out of order",
        lambda r: changed(r, Listed, {"items": (item(1, 1, ""), item(2, 1, ""))}),
    ),
    ("I20", "missing at the end", lambda r: relisted(r, nothing, user=3)),
    (
        "I20",
        "deleted for nothing",
        lambda r: relisted(r, lambda i: replace(i, deleted=True), user=1),
    ),
    ("I20", "reactions", lambda r: relisted(r, lambda i: replace(i, reactions=()), user=1)),
    ("I21", "a traceback", lambda r: with_more(r, Complaint(999.0, "I21", "Traceback"))),
]


def test_a_good_history_breaks_no_promise() -> None:
    """The checker finds nothing in a story with sends, drops, rooms, edits and deletions."""
    assert check(good()) == []


@pytest.mark.parametrize(
    ("promise", "plant"), [(p, f) for p, _, f in FAULTS], ids=[f"{p} {n}" for p, n, _ in FAULTS]
)
def test_a_planted_fault_is_found(promise: str, plant: Callable[[Records], Records]) -> None:
    """The checker finds each fault, as a violation of the promise that it breaks."""
    assert promise in {violation.promise for violation in check(plant(good()))}


def test_a_lost_event_is_missed_by_each_stream_that_should_have_it() -> None:
    """A report names the stream, and the sequence at which an event is missing."""
    records = without(good(), Seen, text="missed one", stream="u3/0#1")
    found = [violation for violation in check(records) if violation.promise == "I6"]
    assert len(found) == 1
    assert "u3/0#1" in found[0].how


def store_with(folder: Path, rows: list[tuple[Any, ...]]) -> Path:
    """Write a store with the tables that the checker reads."""
    file = folder / "chat.db"
    store = sqlite3.connect(file)
    store.execute("CREATE TABLE log (sequence, author, request_id, channel, body)")
    store.executemany("INSERT INTO log VALUES (?,?,?,?,?)", rows)
    store.commit()
    store.close()
    return file


def rows_of(records: Records) -> list[tuple[Any, ...]]:
    """Return the rows of a store with the events that the story's users read."""
    rows = {}
    for event in all_of(records, Seen):
        kept = chat_pb2.Event(sequence=event.sequence)
        if event.what == "message":
            kept.message.text = event.text
        elif event.what == "edited":
            kept.edited.message.text = event.text
        body = chat_pb2.ConnectResponse(events=[kept]).SerializeToString()
        # The final reading does not have the text of a deleted message.
        rows[event.sequence] = (event.sequence, event.author, f"id{event.sequence}", "#lobby", body)
    return list(rows.values())


def test_the_store_is_compared_with_what_was_read(tmp_path: Path) -> None:
    """The checker finds nothing in a store that matches the log."""
    records = good()
    assert check(records, store_with(tmp_path, rows_of(records))) == []


@pytest.mark.parametrize("fault", ["missing", "more", "another text", "an id twice"])
def test_a_fault_of_the_store_is_found(fault: str, tmp_path: Path) -> None:
    """The checker finds an event that only one side has, a wrong text, and a doubled request id."""
    records = good()
    rows = rows_of(records)
    (sequence, author, request_id, channel, body) = rows[0]
    other = chat_pb2.Event(message=chat_pb2.Message(text="other"))
    planted = {
        "missing": rows[1:],
        "more": [*rows, (999, author, "new", channel, body)],
        "another text": [
            (
                sequence,
                author,
                request_id,
                channel,
                chat_pb2.ConnectResponse(events=[other]).SerializeToString(),
            ),
            *rows[1:],
        ],
        "an id twice": [*rows[1:], (sequence, rows[1][1], rows[1][2], channel, body)],
    }
    found = {
        violation.promise for violation in check(records, store_with(tmp_path, planted[fault]))
    }
    assert ("I3" if fault == "an id twice" else "I22") in found


MARKED = "u1/0#1"
SUPERSEDED: dict[str, Callable[[Story], object]] = {
    "a later marker": lambda story: story.mark(MARKED, "#r", 4),
    "leaving and joining": lambda story: (story.room(1, "LEFT"), story.room(1, "JOINED")),
    "the deletion of the room": lambda story: story.delete_room(1),
}


def gone_marker(then: Callable[[Story], object], *, after: float) -> Records:
    """Return a history whose first read marker is gone from the log, some seconds after it."""
    story = Story()
    story.open(MARKED)
    story.room(1, "CREATED")
    marker = story.mark(MARKED, "#r", 2)
    then(story)
    story.send(MARKED, "the last one")
    story.now += after
    story.log = [stored for stored in story.log if stored.seen.sequence != marker]
    story.finish((), users=(1,))
    return story.records


@pytest.mark.parametrize("reason", SUPERSEDED)
def test_a_superseded_read_marker_may_be_gone(reason: str) -> None:
    """A marker may go an hour after it was set, and not earlier."""
    assert check(gone_marker(SUPERSEDED[reason], after=SUPERSEDED_AFTER)) == []
    found = check(gone_marker(SUPERSEDED[reason], after=SUPERSEDED_AFTER / 2))
    assert {violation.promise for violation in found} == {"I23"}


@pytest.mark.parametrize(
    "then",
    [
        lambda _: None,
        lambda story: story.mark(MARKED, "#lobby", 4),
        lambda story: story.room(1, "LEFT"),
        lambda story: story.room(2, "JOINED"),
    ],
    ids=["nothing", "a marker elsewhere", "leaving", "another user joins"],
)
def test_the_last_read_marker_may_not_be_gone(then: Callable[[Story], object]) -> None:
    """A marker that nothing supersedes stays in the log, however old it is."""
    found = check(gone_marker(then, after=SUPERSEDED_AFTER))
    assert "I2" in {violation.promise for violation in found}


def test_records_are_read_back_unchanged(tmp_path: Path) -> None:
    """Records of several clients are read back unchanged, in the order of their times."""
    records = good()
    histories = [History(tmp_path, name) for name in ("u1/0", "u2/0")]
    for number, record in enumerate(records):
        histories[number % 2].put(record)
    for history in histories:
        history.close()
    assert read_all(tmp_path) == sorted(records, key=lambda record: record.at)


def test_warnings_and_errors_in_a_servers_log_are_complaints() -> None:
    """Warnings, errors, exceptions, and lines that are not JSON are complaints."""
    fine = '{"event": "listening", "level": "info"}'
    bad = ['{"event": "x", "level": "error"}', '{"event": "x", "exception": "y"}', "Traceback (…)"]
    assert complaints("\n".join([fine, *bad])) == bad
