"""The history checker: compares what clients saw with the promises.

A pure function of the records. `docs/testing.md` lists the promises by their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torture.lists import check_lists, check_store
from torture.log import build
from torture.privacy import check_blocks, check_departures, note_blocked
from torture.records import Complaint, Record
from torture.requests import check_own_copies, check_pipelines, check_requests
from torture.streams import check_streams, streams_of

MOST = 20
"""The maximum number of reported violations of one promise."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken."""

    promise: str
    how: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.how}"


def check(records: Sequence[Record], store: Path | None = None) -> list[Violation]:
    """Return the broken promises in the records of one run, and in its store."""
    found: dict[str, list[Violation]] = {}

    def report(promise: str, how: str) -> None:
        broken = found.setdefault(promise, [])
        if len(broken) < MOST:
            broken.append(Violation(promise, how))

    ordered = sorted(records, key=lambda record: record.at)
    log = build(ordered, report)
    note_blocked(ordered, log)
    streams = streams_of(ordered)
    check_streams(ordered, streams, log, report)
    check_requests(ordered, log, report)
    check_pipelines(ordered, streams, report)
    check_own_copies(streams, log, report)
    check_lists(ordered, log, report)
    check_blocks(ordered, log, report)
    check_departures(ordered, log, report)
    if store is not None:
        check_store(store, log, report)
    for record in ordered:
        if isinstance(record, Complaint):
            report(record.promise, record.text)
    return [violation for broken in found.values() for violation in broken]
