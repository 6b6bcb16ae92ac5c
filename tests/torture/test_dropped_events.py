"""The checker knows which events the server may drop: by retention, and replaced read markers."""

from __future__ import annotations

from dataclasses import replace

from torture.checker import check
from torture.records import (
    READ_MARKER,
    Listed,
    Opened,
    Record,
    Retained,
    Seen,
    Welcomed,
)
from torture.story import Story, good

from chat_grpc.journal.pruning import SUPERSEDED_AFTER

Records = list[Record]


def promises(records: Records) -> set[str]:
    """Return the broken promises of a history."""
    return {violation.promise for violation in check(records)}


def dropped(records: Records, oldest: int, keep: float) -> Records:
    """Let the server drop the events before a sequence when they were `keep` seconds old."""
    final = {r.stream for r in records if isinstance(r, Opened) and r.final}
    kept: Records = [Retained(0.0, keep)]
    for record in records:
        if isinstance(record, Seen) and record.stream in final and record.sequence < oldest:
            continue
        if isinstance(record, Welcomed) and record.stream in final:
            record = replace(record, oldest=oldest, recovery="RECOVERY_TRUNCATED")
        if isinstance(record, Listed) and record.final:
            items = tuple(item for item in record.items if item.sequence >= oldest)
            record = replace(record, items=items)
        kept.append(record)
    return kept


def sequence_of(records: Records, text: str) -> int:
    """Return the sequence of a text."""
    return next(r.sequence for r in records if isinstance(r, Seen) and r.text == text)


def test_events_that_are_old_enough_may_be_dropped() -> None:
    """A final reading from the oldest event on breaks no promise."""
    records = good()
    assert promises(dropped(records, sequence_of(records, "missed one"), keep=5.0)) == set()


def test_an_event_dropped_too_early_is_found() -> None:
    """Events younger than the set age break I23."""
    records = good()
    assert promises(dropped(records, sequence_of(records, "missed one"), keep=500.0)) == {"I23"}


def test_without_retention_nothing_may_be_dropped() -> None:
    """Truncation by a server that keeps everything breaks I23."""
    records = good()
    assert promises(dropped(records, sequence_of(records, "missed one"), keep=0.0)) == {"I23"}


def test_an_event_after_the_oldest_may_not_be_missing() -> None:
    """Retention excuses only what is before the oldest event."""
    records = good()
    lost = sequence_of(records, "missed one")
    records = dropped(records, lost - 4, keep=5.0)
    records = [r for r in records if not (isinstance(r, Seen) and r.sequence == lost)]
    assert "I1" in promises(records)


def test_a_wrong_recovery_is_found() -> None:
    """A stream that resumes before the oldest event must be told that something may be missing."""
    records = good()
    records = dropped(records, sequence_of(records, "missed one"), keep=5.0)
    records = [
        replace(r, recovery="RECOVERY_COMPLETE") if isinstance(r, Welcomed) else r for r in records
    ]
    assert "I12" in promises(records)


def marked(*, again: bool) -> Records:
    """Return a history with a read marker that the final reading lacks, and maybe a newer one."""
    story = Story()
    for stream in ("u1/0#1", "u1/1#1"):
        story.open(stream)
    first = story.send("u1/0#1", "first")
    last = story.send("u1/0#1", "second")
    story.ask("u1/0#1", READ_MARKER, "#lobby", target=first, again="-")
    gone = story.store(READ_MARKER, 1, {1}, place="#lobby", target=first)
    if again:
        story.ask("u1/0#1", READ_MARKER, "#lobby", target=last, again="-")
        story.store(READ_MARKER, 1, {1}, place="#lobby", target=last)
    story.send("u1/0#1", "the last one")
    story.now += SUPERSEDED_AFTER
    story.log = [stored for stored in story.log if stored.seen.sequence != gone]
    story.finish(("u1/1#1",), users=(1,))
    return story.records


def test_a_read_marker_that_a_newer_one_replaces_may_be_dropped() -> None:
    """The server may drop all read markers of a conversation but the newest."""
    assert promises(marked(again=True)) == set()


def test_the_newest_read_marker_may_not_be_lost() -> None:
    """A stream saw a read marker that is neither in the log nor replaced."""
    assert promises(marked(again=False)) == {"I2"}


def deleted_room() -> Story:
    """Return a history in which user 1 deletes a room with the member 2."""
    story = Story()
    for stream in ("u1/0#1", "u2/0#1", "u3/0#1"):
        story.open(stream)
    story.room(1, "CREATED")
    story.room(2, "JOINED")
    story.send("u1/0#1", "in the room", "#r")
    story.room(1, "DELETED")
    story.members.clear()
    return story


def test_a_deleted_room_has_no_members() -> None:
    """After the deletion nothing is seen, and the name can be used again."""
    story = deleted_room()
    story.room(3, "CREATED")
    story.send("u3/0#1", "in the new room", "#r")
    story.send("u1/0#1", "the last one")
    story.finish(("u2/0#1", "u3/0#1"), users=(1, 2, 3))
    assert promises(story.records) == set()


def test_a_former_member_of_a_deleted_room_sees_nothing_of_the_next() -> None:
    """A member of the deleted room gets a message of the new room: I13."""
    story = deleted_room()
    story.room(3, "CREATED")
    story.members.add(2)
    story.send("u3/0#1", "in the new room", "#r")
    story.send("u1/0#1", "the last one")
    story.finish(("u2/0#1", "u3/0#1"), users=(1, 2, 3))
    assert "I13" in promises(story.records)
