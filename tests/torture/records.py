"""The records of clients: one for each request, and for each thing that they saw.

All records of a run have their times from one monotonic clock, in seconds. A stream is named by
its client, for example `u1/0#3`: the third stream of the user's first device. A call that holds no
stream is a stream of its own, with one request.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TextIO

MESSAGE, EDITED, DELETED, REACTION = "message", "edited", "deleted", "reaction"
READ_MARKER, ROOM_CHANGE = "read_marker", "room_change"
ROOM_DELETED = "CHANGE_DELETED"


@dataclass(frozen=True, slots=True)
class Record:
    """Something that a client did or saw."""

    at: float


@dataclass(frozen=True, slots=True)
class Ask(Record):
    """A request is about to be written; each try has its own `Ask`."""

    stream: str
    user: int
    request_id: str
    what: str
    """`message`, `edited`, `deleted`, `reaction`, or `read_marker`, which has no answer."""
    place: str = ""
    """`#room`, or `@number` of the other side; empty if the target determines it."""
    text: str = ""
    """See `short`; for a reaction the emoji, with a `-` before it if it is taken back."""
    target: int = 0

    @property
    def content(self) -> tuple[str, str, str, int]:
        """The content of the request."""
        return self.what, self.place, self.text, self.target


@dataclass(frozen=True, slots=True)
class Answer(Record):
    """A request was carried out."""

    stream: str
    request_id: str
    sequence: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Refusal(Record):
    """A request was refused for good."""

    stream: str
    request_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown(Record):
    """A request will get no answer: it may have been carried out or not."""

    stream: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Opened(Record):
    """A stream was asked for."""

    stream: str
    device: str
    user: int
    log_id: str
    resume_after: int
    sdk: bool = False
    """True for the events that the SDK gave its program, over all streams that it opened."""
    final: bool = False
    """True for a stream that reads the whole log at the end of the run."""
    log_known: bool = True
    """False if the client invented the `log_id`."""


@dataclass(frozen=True, slots=True)
class Welcomed(Record):
    """The server's `welcome`."""

    stream: str
    user: int
    log_id: str
    head: int
    oldest: int
    recovery: str


@dataclass(frozen=True, slots=True)
class Seen(Record):
    """A stored event arrived."""

    stream: str
    sequence: int
    what: str
    body: str
    """A hash of its bytes."""
    author: int
    place: str = ""
    text: str = ""
    """As in `Ask`; for a room change the kind of change."""
    target: int = 0
    """The changed or answered sequence; for a room change the subject's number."""


@dataclass(frozen=True, slots=True)
class Passed(Record):
    """An event arrived that is not stored."""

    stream: str
    what: str
    author: int
    place: str


@dataclass(frozen=True, slots=True)
class CaughtUp(Record):
    """The server's `caught_up`."""

    stream: str
    head: int
    fell_behind: bool


@dataclass(frozen=True, slots=True)
class Beat(Record):
    """The server's `heartbeat`."""

    stream: str
    head: int


@dataclass(frozen=True, slots=True)
class Ended(Record):
    """A stream, or a call, ended."""

    stream: str
    status: str
    reason: str
    own: bool
    """True if the client ended it."""
    details: str = ""
    """The details of the gRPC status."""


@dataclass(frozen=True, slots=True)
class RoomAsked(Record):
    """A room method was called."""

    stream: str
    user: int
    what: str
    """As `RoomChange` names it, for example `CHANGE_JOINED`."""
    room: str
    subject: int


@dataclass(frozen=True, slots=True)
class CallAnswered(Record):
    """A call that changes a room or a block list succeeded; a failed call is an `Ended`."""

    stream: str


@dataclass(frozen=True, slots=True)
class BlockAsked(Record):
    """A user is about to block another, or to end that."""

    stream: str
    user: int
    other: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class Departed(Record):
    """A user deleted the account with all messages."""

    user: int
    message: int
    """The sequence of the user's only message."""


@dataclass(frozen=True, slots=True)
class Item:
    """A message in an answer of `ListMessages`."""

    sequence: int
    author: int
    text: str
    deleted: bool
    edited: bool
    reactions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Listed(Record):
    """`ListMessages` was called at `at` and answered at `until`."""

    until: float
    user: int
    place: str
    items: tuple[Item, ...]
    whole: bool
    """True if the list has no further page."""
    status: str = "OK"
    final: bool = False


@dataclass(frozen=True, slots=True)
class Quiet(Record):
    """The run is at rest: the newest event, and the streams that must get it."""

    sequence: int
    streams: tuple[str, ...]
    late: tuple[str, ...] = ()
    """The streams that did not get it in time."""


@dataclass(frozen=True, slots=True)
class Restarted(Record):
    """The server's process was ended, and will be started again."""

    how: str
    """`SIGKILL`, `SIGTERM`, or the way in which its files were lost."""


@dataclass(frozen=True, slots=True)
class Retained(Record):
    """The server drops events that are older than this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Complaint(Record):
    """A broken promise that the run itself found."""

    promise: str
    text: str


KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (
        Ask,
        Answer,
        Refusal,
        Unknown,
        Opened,
        Welcomed,
        Seen,
        Passed,
        CaughtUp,
        Beat,
        Ended,
        RoomAsked,
        CallAnswered,
        BlockAsked,
        Departed,
        Listed,
        Quiet,
        Restarted,
        Retained,
        Complaint,
    )
}


class History:
    """Writes the records of one client to a file, one a line."""

    def __init__(self, folder: Path, client: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.now: Callable[[], float] = time.monotonic
        """Returns the time of a record."""
        self._file: TextIO = (folder / f"{client.replace('/', '-')}.jsonl").open("a", buffering=1)

    def add(self, kind: type[Record], *fields: Any, **named: Any) -> float:
        """Add a record with the present time; return that time."""
        at = self.now()
        self.put(kind(at, *fields, **named))
        return at

    def put(self, record: Record) -> None:
        """Add a record."""
        self._file.write(line_of(record) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def line_of(record: Record) -> str:
    """Return a record as a JSON line."""
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    if isinstance(record, Listed):
        fields["items"] = [dataclasses.astuple(item) for item in record.items]
    return json.dumps({"kind": type(record).__name__} | fields, separators=(",", ":"))


def record_of(line: str) -> Record:
    """Return the record of a JSON line."""
    fields = json.loads(line)
    kind = KINDS[fields.pop("kind")]
    if kind is Listed:
        fields["items"] = tuple(
            Item(s, author, text, gone, edited, tuple((e, n) for e, n in reactions))
            for s, author, text, gone, edited, reactions in fields["items"]
        )
    for name, value in fields.items():
        if isinstance(value, list):
            fields[name] = tuple(value)
    return kind(**fields)


def read_all(folder: Path) -> list[Record]:
    """Read the records of all clients, in the order of their times."""
    lines: Iterable[str] = (
        line
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    )
    return sorted(map(record_of, lines), key=lambda record: record.at)


def summary(records: Sequence[Record]) -> str:
    """Return the main counts of a run on one line."""
    kinds = Counter(type(record).__name__ for record in records)
    hows = Counter(record.how for record in records if isinstance(record, Restarted))
    behind = sum(r.fell_behind for r in records if isinstance(r, CaughtUp))
    return (
        f"{hows['SIGKILL']} kills, {hows['SIGTERM']} orderly ends, "
        f"{sum(hows.values()) - hows['SIGKILL'] - hows['SIGTERM']} lost stores, "
        f"{kinds['Opened']} streams, "
        f"{kinds['Ask']} requests, {kinds['Answer']} acknowledged, {kinds['Seen']} events "
        f"received, {behind} times fallen behind"
    )


def short(text: str) -> str:
    """Return a short form of a long text: its beginning, its length, and a hash."""
    if len(text) <= 64:
        return text
    return f"{text[:32]}~{len(text)}~{blake2b(text.encode(), digest_size=6).hexdigest()}"
