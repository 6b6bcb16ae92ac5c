"""The log as all users read it at the end, and who may see each event."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ_MARKER,
    ROOM_CHANGE,
    ROOM_DELETED,
    Opened,
    Record,
    Seen,
    Welcomed,
)
from torture.wire import LOBBY

FOREVER = 2**62

JOINED = ("CHANGE_CREATED", "CHANGE_JOINED")
"""The changes of a room that make the subject a member."""

Report = Callable[[str, str], None]
"""Called with the name of a promise, and a description of how it was broken."""


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event."""

    sequence: int
    what: str
    author: int
    place: str
    text: str
    target: int
    rooms: frozenset[str]
    """The rooms whose members may see it."""
    users: frozenset[int]
    """The users who may see it in any case."""
    bodies: frozenset[str]
    """Hashes of its bytes: as it was written, and without its text after a deletion."""

    @property
    def content(self) -> tuple[str, str, str, int]:
        """The content of the request, as in `Ask.content`."""
        place = self.place if self.what in (MESSAGE, READ_MARKER) else ""
        return self.what, place, self.text, self.target

    @property
    def conversation(self) -> str:
        """The conversation of a message or a marker: `#room`, or `@low@high` for a direct one."""
        return self.place if self.place[0] == "#" else direct(self.author, int(self.place[1:]))


def direct(one: int, other: int) -> str:
    """Return the name of the conversation of two users."""
    return f"@{min(one, other)}@{max(one, other)}"


@dataclass(slots=True)
class Log:
    """All stored events by sequence, and the rooms and messages that follow from them."""

    events: dict[int, Event] = field(default_factory=dict)
    windows: dict[tuple[str, int], list[tuple[int, int]]] = field(default_factory=dict)
    """The memberships of each user in each room: the sequences of their begin and end."""
    edits: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    """The edits of each message, in order."""
    given: dict[int, dict[str, set[int]]] = field(default_factory=dict)
    """For each message and emoji, the users who reacted."""
    deletion: dict[int, Event] = field(default_factory=dict)
    """For each deleted message, the event that deleted it."""
    ends: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The sequences at which the rooms of a name were deleted."""
    oldest: int = 0
    """The oldest sequence that retention has kept; of those before it, only some are known."""
    optional: set[int] = field(default_factory=set)
    """Superseded read markers that are gone: the server may drop them."""
    partial: bool = False
    """True if retention has dropped events that no stream has seen.

    Then memberships and reactions are not known, only what the lobby and two users have written.
    """
    blocked: set[str] = field(default_factory=set)
    """The direct conversations of users of whom one blocked the other for a while."""
    _visible: dict[int, list[int]] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The newest sequence."""
        return max(self.events, default=0)

    def member(self, room: str, user: int, sequence: int) -> bool:
        """Tell whether a user is a member between the events around a sequence."""
        if room == LOBBY:
            return True
        return any(low < sequence < high for low, high in self.windows.get((room, user), ()))

    def sees(self, user: int, event: Event) -> bool:
        """Tell whether a user may see an event."""
        return user in event.users or any(
            self.member(room, user, event.sequence) for room in event.rooms
        )

    def deleted(self, event: Event) -> bool:
        """Tell whether a message is deleted, or the message that an edit changed."""
        message = event.target if event.what == EDITED else event.sequence
        return message in self.deletion

    def may_be_blank(self, event: Event) -> bool:
        """Tell whether an event may have lost its text: by a later edit, or with its room."""
        if event.sequence < self.room_end(event.place):
            return True
        return event.what == EDITED and self.edits[event.target][-1].sequence > event.sequence

    def room_end(self, room: str, up_to: int = FOREVER) -> int:
        """Return the last sequence at which a room of a name was deleted; 0 for none."""
        return max((end for end in self.ends[room] if end <= up_to), default=0)

    def certain(self, event: Event) -> bool:
        """Tell whether it is known who may see an event."""
        if event.what == READ_MARKER and event.conversation in self.blocked:
            return False
        if not self.partial:
            return True
        if event.what == DELETED:
            message = self.events.get(event.target)
            return message is not None and self.certain(message)
        return event.what in (MESSAGE, EDITED, READ_MARKER) and event.rooms <= {LOBBY}

    def visible(self, user: int, after: int, up_to: int) -> Sequence[int]:
        """Return the sequences that a user may see between two sequences, if that is certain."""
        if user not in self._visible:
            events = filter(self.certain, self.events.values())
            self._visible[user] = sorted(e.sequence for e in events if self.sees(user, e))
        all_ = self._visible[user]
        return all_[bisect_right(all_, after) : bisect_right(all_, up_to)]

    def reactions(self, message: int) -> tuple[tuple[str, int], ...]:
        """Return the number of users for each reaction to a message, sorted as in `Item`."""
        given = self.given.get(message, {})
        return tuple(sorted((emoji, len(users)) for emoji, users in given.items() if users))

    def messages(self, conversation: str) -> list[Event]:
        """Return the messages of a conversation, in order."""
        events = (e for e in self.events.values() if e.what == MESSAGE)
        found = (e for e in events if e.conversation == conversation)
        return sorted(found, key=lambda event: event.sequence)


def build(records: Iterable[Record], report: Report) -> Log:
    """Build the log from all users' final readings and from the events that streams saw.

    A sequence at which two readers saw different things is reported as I4. An event that is in no
    final reading is not in the log, unless retention may have dropped it.
    """
    records = list(records)
    final = {r.stream for r in records if isinstance(r, Opened) and r.final}
    everything: dict[int, list[Seen]] = defaultdict(list)
    kept: set[int] = set()
    oldest = 0
    for record in records:
        if isinstance(record, Seen):
            everything[record.sequence].append(record)
            if record.stream in final:
                kept.add(record.sequence)
        elif isinstance(record, Welcomed) and record.stream in final:
            oldest = max(oldest, record.oldest)
    optional = _superseded_markers(everything, kept) - kept
    kept |= optional | {sequence for sequence in everything if sequence < oldest}
    deleted = {
        seen[0].target: min(each.at for each in seen)
        for seen in everything.values()
        if seen[0].what == DELETED
    }
    partial = any(sequence not in everything for sequence in range(1, oldest))
    log = Log(oldest=oldest, optional=optional, partial=partial)
    ends: dict[int | str, int] = {}
    for sequence, (first, *_) in sorted(everything.items()):
        if first.what == EDITED:
            ends[first.target] = sequence
        elif first.text == ROOM_DELETED:
            ends[first.place] = sequence
    for sequence in sorted(kept):
        _add(log, _one(everything[sequence], deleted, ends, report))
    return log


def _superseded_markers(everything: Mapping[int, Sequence[Seen]], kept: set[int]) -> set[int]:
    """Return the read markers that an event of the log supersedes.

    That is a later marker of the same user and conversation, a later arrival of the user in the
    room, which marks all earlier messages as read, or the deletion of the room.
    """
    newest: dict[tuple[int, str], int] = defaultdict(int)
    ends: dict[str, int] = defaultdict(int)
    for sequence in sorted(kept):
        event = everything[sequence][0]
        if event.what == READ_MARKER:
            newest[event.author, event.place] = sequence
        elif event.what == ROOM_CHANGE and event.text in JOINED:
            newest[event.target, event.place] = sequence
        elif event.what == ROOM_CHANGE and event.text == ROOM_DELETED:
            ends[event.place] = sequence
    return {
        sequence
        for sequence, (marker, *_) in everything.items()
        if marker.what == READ_MARKER
        and sequence < max(newest[marker.author, marker.place], ends[marker.place])
    }


def _one(
    sightings: Sequence[Seen], deleted: dict[int, float], ends: dict[int | str, int], report: Report
) -> Event:
    """Return one event from all sightings at its sequence; report differences as I4.

    `ends` has the sequences of the last edit of each message, and of the deletion of each room.
    """
    ordered = sorted(sightings, key=lambda seen: (not seen.text, seen.at))
    first = ordered[0]
    message = first.target if first.what == EDITED else first.sequence
    for other in ordered[1:]:
        same = (other.what, other.author, other.place, other.target) == (
            first.what,
            first.author,
            first.place,
            first.target,
        )
        # A deletion blanks a message and its edits; an edit may blank the edits before it, and the
        # end of a room all of its texts.
        replaced = first.what == EDITED and first.sequence < ends[first.target]
        gone = replaced or message in deleted or first.sequence < ends.get(first.place, 0)
        blanked = not other.text and first.what in (MESSAGE, EDITED) and gone
        if not same or (other.body != first.body and not blanked):
            report("I4", f"{first.sequence} is {first} and {other}")
    bodies = frozenset(seen.body for seen in sightings)
    return Event(
        first.sequence,
        first.what,
        first.author,
        first.place,
        first.text,
        first.target,
        frozenset(),
        frozenset(),
        bodies,
    )


def _add(log: Log, bare: Event) -> None:
    """Add an event and its audience."""
    rooms, users = _audience(log, bare)
    event = Event(
        bare.sequence,
        bare.what,
        bare.author,
        bare.place,
        bare.text,
        bare.target,
        rooms,
        users,
        bare.bodies,
    )
    log.events[event.sequence] = event
    if event.what == EDITED:
        log.edits[event.target].append(event)
    elif event.what == DELETED:
        log.deletion.setdefault(event.target, event)
    elif event.what == ROOM_CHANGE:
        _change_room(log, event)


def _audience(log: Log, event: Event) -> tuple[frozenset[str], frozenset[int]]:
    nobody: frozenset[int] = frozenset()
    if event.what == REACTION and not _reacts(log, event):
        return frozenset(), frozenset({event.author})
    if event.what in (DELETED, REACTION):
        message = log.events.get(event.target)
        return (message.rooms, message.users) if message else (frozenset(), nobody)
    if event.what == ROOM_CHANGE and event.text == ROOM_DELETED:
        members = (user for room, user in log.windows if room == event.place)
        last = frozenset(u for u in members if log.member(event.place, u, event.sequence))
        return frozenset(), last | {event.author}
    if event.what == ROOM_CHANGE:
        personal = event.text not in ("CHANGE_ROLE", "CHANGE_UPDATED")
        return frozenset({event.place}), frozenset({event.target}) if personal else nobody
    if event.place[0] == "@":
        return frozenset(), frozenset({event.author, int(event.place[1:])})
    if event.what == READ_MARKER:
        return frozenset(), frozenset({event.author})
    return frozenset({event.place}), nobody


def _reacts(log: Log, event: Event) -> bool:
    """Apply a reaction; return False if it changes nothing, so that others do not get it."""
    emoji, removed = event.text.removeprefix("-"), event.text[0] == "-"
    users = log.given.setdefault(event.target, {}).setdefault(emoji, set())
    if (event.author in users) != removed:
        return False
    (users.discard if removed else users.add)(event.author)
    return True


def _change_room(log: Log, event: Event) -> None:
    windows = log.windows.setdefault((event.place, event.target), [])
    if event.text in JOINED:
        windows.append((event.sequence, FOREVER))
    elif event.text == "CHANGE_LEFT" and windows and windows[-1][1] == FOREVER:
        windows[-1] = (windows[-1][0], event.sequence)
    elif event.text == ROOM_DELETED:
        log.ends[event.place].append(event.sequence)
        for (room, _), spans in log.windows.items():
            if room == event.place and spans[-1:] and spans[-1][1] == FOREVER:
                spans[-1] = (spans[-1][0], event.sequence)


class Known:
    """The newest sequence that anybody knew, at each time."""

    def __init__(self, told: Iterable[tuple[float, int]]) -> None:
        """`told` are times, each with the sequences that a client saw then."""
        self._times: list[float] = []
        self._highest: list[int] = []
        for at, sequence in sorted(told):
            self._times.append(at)
            self._highest.append(max(sequence, self._highest[-1] if self._highest else 0))

    def before(self, at: float) -> int:
        """Return the newest sequence that was known before a time."""
        found = bisect_left(self._times, at)
        return self._highest[found - 1] if found else 0
