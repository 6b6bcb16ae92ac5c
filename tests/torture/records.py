"""What clients write down: one record for each thing that they asked for or saw.

All records of a run have their times from one monotonic clock, in seconds. A stream is named by
its client, for example `u1/0#3`: the third stream of the user's first device. A call that holds no
stream is a stream of its own, with one request.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TextIO

MESSAGE, EDITED, DELETED, REACTION = "message", "edited", "deleted", "reaction"
READ_MARKER, ROOM_CHANGE = "read_marker", "room_change"


@dataclass(frozen=True, slots=True)
class Record:
    """Something that happened, seen from a client."""

    at: float


@dataclass(frozen=True, slots=True)
class Ask(Record):
    """A request is about to be written; each try is an `Ask` of its own."""

    stream: str
    user: int
    request_id: str
    what: str
    """`message`, `edited`, `deleted`, `reaction`, or `read_marker`, which has no answer."""
    place: str = ""
    """`#room`, or `@number` of the other side; empty where the target says it."""
    text: str = ""
    """See `short`; of a reaction the emoji, behind a `-` where it is taken back."""
    target: int = 0

    @property
    def content(self) -> tuple[str, str, str, int]:
        """What was asked for."""
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
    """A request's answer will not come: it was carried out, or it was not."""

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
    """True for what the SDK gave its program, over all the streams that it opened meanwhile."""
    final: bool = False
    """True for a stream that reads all that its user may see, when all is over."""
    log_known: bool = True
    """False where the client made up the `log_id`."""


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
    """A stored event came, whatever came before."""

    stream: str
    sequence: int
    what: str
    body: str
    """A hash of its bytes."""
    author: int
    place: str = ""
    text: str = ""
    """As in `Ask`; of a room's change what happened."""
    target: int = 0
    """What it changes or answers; of a room's change the subject, of a marker the place."""


@dataclass(frozen=True, slots=True)
class Passed(Record):
    """An event came that is not stored."""

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
    """True where the client ended it."""
    details: str = ""
    """What gRPC says about it."""


@dataclass(frozen=True, slots=True)
class RoomAsked(Record):
    """A room's method was called."""

    stream: str
    user: int
    what: str
    """As `RoomChange` names it, for example `CHANGE_JOINED`."""
    room: str
    subject: int


@dataclass(frozen=True, slots=True)
class RoomAnswered(Record):
    """The call was carried out; one that was not is an `Ended`."""

    stream: str


@dataclass(frozen=True, slots=True)
class Item:
    """A message as `ListMessages` gives it."""

    sequence: int
    author: int
    text: str
    deleted: bool
    edited: bool
    reactions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Listed(Record):
    """`ListMessages` was called at `at`, and answered at `until`."""

    until: float
    user: int
    place: str
    items: tuple[Item, ...]
    whole: bool
    """True where there are no more."""
    status: str = "OK"
    final: bool = False


@dataclass(frozen=True, slots=True)
class Quiet(Record):
    """All is over: this is the newest event, and these streams were to get it."""

    sequence: int
    streams: tuple[str, ...]
    late: tuple[str, ...] = ()
    """Those that did not in time."""


@dataclass(frozen=True, slots=True)
class Restarted(Record):
    """The server's process was ended, to be started again."""

    how: str
    """`SIGKILL`, `SIGTERM`, or how its files were taken away."""


@dataclass(frozen=True, slots=True)
class Retained(Record):
    """The server drops events that are older than this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Complaint(Record):
    """Something about the server's process that should not be."""

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
        RoomAnswered,
        Listed,
        Quiet,
        Restarted,
        Retained,
        Complaint,
    )
}


class History:
    """Writes the records of one client into a file, one a line, as they come."""

    def __init__(self, folder: Path, client: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = (folder / f"{client.replace('/', '-')}.jsonl").open("a", buffering=1)

    def add(self, kind: type[Record], *fields: Any, **named: Any) -> float:
        """Adds a record of now; gives its time."""
        at = time.monotonic()
        self.put(kind(at, *fields, **named))
        return at

    def put(self, record: Record) -> None:
        """Adds a record."""
        self._file.write(line_of(record) + "\n")

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def line_of(record: Record) -> str:
    """Gives the line of a record."""
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    if isinstance(record, Listed):
        fields["items"] = [dataclasses.astuple(item) for item in record.items]
    return json.dumps({"kind": type(record).__name__} | fields, separators=(",", ":"))


def record_of(line: str) -> Record:
    """Gives the record of a line."""
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
    """Reads the records of all clients, in the order of their times."""
    lines: Iterable[str] = (
        line
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    )
    return sorted(map(record_of, lines), key=lambda record: record.at)


def summary(records: Sequence[Record]) -> str:
    """Says how much happened."""
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
    """Gives a text that stands for a long one: its begin, its length, and a hash."""
    if len(text) <= 64:
        return text
    return f"{text[:32]}~{len(text)}~{blake2b(text.encode(), digest_size=6).hexdigest()}"
