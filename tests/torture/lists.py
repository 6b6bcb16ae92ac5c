"""Checks of `ListMessages` and of the store against the log."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from torture.log import FOREVER, Event, Known, Log, Report, direct
from torture.records import DELETED, EDITED, MESSAGE, Answer, Ask, Listed, Record, Seen, short
from torture.wire import LOBBY

from chat_grpc.v1 import chat_pb2


def check_lists(records: Sequence[Record], log: Log, report: Report) -> None:
    """Check I9, I13 and I20 on every answer of `ListMessages`."""
    known = Known((r.at, r.sequence) for r in records if isinstance(r, Answer | Seen))
    asked: dict[tuple[str, int, str], float] = {}
    for record in records:
        if isinstance(record, Ask) and record.what in (EDITED, DELETED):
            asked.setdefault((record.what, record.target, record.text), record.at)
    for record in records:
        if isinstance(record, Listed):
            if record.status == "OK":
                _check_list(record, log, known.before(record.at), asked, report)
            _check_permission(record, log, known.before(record.at), report)


def _check_list(
    listed: Listed,
    log: Log,
    before: int,
    asked: dict[tuple[str, int, str], float],
    report: Report,
) -> None:
    where = f"the list of {listed.place} for {listed.user}"
    conversation = listed.place
    if listed.place[0] == "@":
        conversation = direct(listed.user, int(listed.place[1:]))
    got = [item.sequence for item in listed.items]
    if got != sorted(set(got), reverse=True):
        report("I20", f"{where} is out of order: {got}")
    messages = {event.sequence: event for event in log.messages(conversation)}
    oldest = log.oldest if listed.whole else min(got, default=FOREVER)
    # A deleted room is not listed, also not as part of a later room with its name. Between the call
    # and its answer a room may have been deleted.
    oldest = max(oldest, log.room_end(conversation))
    ended = log.room_end(conversation, before)
    up_to = log.head if listed.final else before
    for sequence, message in messages.items():
        if max(oldest, log.oldest) <= sequence <= up_to and sequence not in got:
            report("I20" if listed.final else "I9", f"{where} misses {message}")
    for item in listed.items:
        if item.sequence < ended:
            report("I9", f"{where} has {item}, and the room was deleted at {ended}")
        event = messages.get(item.sequence)
        if event is None and item.sequence < log.oldest:
            continue
        if event is None:
            report("I2", f"{where} has {item}")
            continue
        if item.author != event.author:
            report("I4", f"{where} has {item}, which is {event}")
        deletion = log.deletion.get(item.sequence)
        if item.deleted:
            since = asked.get((DELETED, item.sequence, ""), float("inf"))
            if item.text or deletion is None or since > listed.until:
                report("I20", f"{where} has {item} as deleted: {deletion}")
        elif deletion is not None and deletion.sequence <= up_to:
            report("I9", f"{where} has {item}, which {deletion} deleted")
        else:
            _check_text(listed, where, log, event, up_to, report)
        if listed.final and not item.deleted:
            now = (bool(log.edits[item.sequence]), log.reactions(item.sequence))
            if (item.edited, item.reactions) != now:
                report("I20", f"{where} has {item}; edited and reactions are {now}")


def _check_text(
    listed: Listed, where: str, log: Log, event: Event, up_to: int, report: Report
) -> None:
    """Check that a list has the newest text known before the call, or a newer one."""
    item = next(item for item in listed.items if item.sequence == event.sequence)
    texts = [event.text, *(edit.text for edit in log.edits[event.sequence])]
    newest = sum(edit.sequence <= up_to for edit in log.edits[event.sequence])
    if "" not in texts and item.text not in texts[newest:]:
        report("I9", f"{where} has {item}; the text is {texts[newest:]}")


def _check_permission(listed: Listed, log: Log, before: int, report: Report) -> None:
    if log.partial:
        return
    if listed.place[0] == "@" or listed.place == LOBBY:
        if listed.status in ("NOT_FOUND", "PERMISSION_DENIED"):
            report("I13", f"{listed.user} may not list {listed.place}: {listed.status}")
        return
    windows = log.windows.get((listed.place, listed.user), [])
    # The log may grow between the call and its answer: check only what is certain.
    possible = [w for w in windows if w[1] > before]
    sure = [w for w in windows if w[0] <= before and w[1] == FOREVER]
    if listed.status == "OK" and not possible:
        report("I13", f"{listed.user} lists {listed.place}, but is not a member")
    if listed.status in ("NOT_FOUND", "PERMISSION_DENIED") and sure:
        report("I13", f"{listed.user}, a member, may not list {listed.place}: {listed.status}")


def check_store(file: Path, log: Log, report: Report) -> None:
    """Check I3 and I22: the store has what the clients saw, and each request id once."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        (healthy,) = store.execute("PRAGMA integrity_check").fetchone()
        rows = store.execute(
            "SELECT sequence, author, request_id, channel, body FROM log"
            # No stream sees the events in "#", which erase the texts of a deleted room.
            " WHERE channel IS NOT NULL AND channel != '#'"
        ).fetchall()
    if healthy != "ok":
        report("I22", f"the store is damaged: {healthy}")
    ids: dict[tuple[int, str], list[int]] = defaultdict(list)
    for sequence, author, request_id, channel, body in rows:
        if request_id:
            ids[author, request_id].append(sequence)
        event = log.events.get(sequence)
        if event is None:
            report("I22", f"the store has {sequence} in {channel}, which no user could read")
            continue
        kept = chat_pb2.ConnectResponse.FromString(body).events[0]
        if event.what in (MESSAGE, EDITED):
            message = kept.edited.message if event.what == EDITED else kept.message
            texts = {"" if log.deleted(event) else event.text}
            if log.may_be_blank(event):
                texts.add("")
            if short(message.text) not in texts:
                report("I22", f"the store has {message} for {event}")
    missing = log.events.keys() - {row[0] for row in rows} - log.optional
    for sequence in sorted(each for each in missing if each >= log.oldest):
        report("I22", f"the store does not have {log.events[sequence]}")
    for key, sequences in ids.items():
        if len(sequences) > 1:
            report("I3", f"the store has {key} at {sequences}")
