"""A short history of a correct server, for tests of the checker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from torture.records import (
    DELETED,
    EDITED,
    MESSAGE,
    REACTION,
    READ_MARKER,
    ROOM_CHANGE,
    ROOM_DELETED,
    Answer,
    Ask,
    CallAnswered,
    CaughtUp,
    Ended,
    Item,
    Listed,
    Opened,
    Passed,
    Quiet,
    Record,
    Refusal,
    RoomAsked,
    Seen,
    Unknown,
    Welcomed,
)

LOG_ID = "log"


@dataclass(slots=True)
class Stored:
    """An event of the log, and the users who may see it."""

    seen: Seen
    users: frozenset[int]


@dataclass(slots=True)
class Story:
    """Users 1, 2 and 3 in the lobby; 1 and 2 in `#r`, for a while."""

    records: list[Record] = field(default_factory=list)
    log: list[Stored] = field(default_factory=list)
    live: dict[str, int] = field(default_factory=dict)
    """The user of each open stream."""
    members: set[int] = field(default_factory=set)
    now: float = 0.0
    ids: int = 0

    def at(self) -> float:
        """Return the next point in time."""
        self.now += 1.0
        return self.now

    @property
    def head(self) -> int:
        """The newest sequence."""
        return self.log[-1].seen.sequence if self.log else 0

    # ------------------------------------------------------------- streams

    def open(self, stream: str, after: int | None = None, *, final: bool = False) -> None:
        """Open a stream, after a sequence or at the head."""
        user = int(stream[1])
        log_id = LOG_ID if after is not None else ""
        device = stream.partition("#")[0]
        self.records.append(
            Opened(self.at(), stream, device, user, log_id, after or 0, final=final)
        )
        recovery = "RECOVERY_FRESH" if after is None else "RECOVERY_COMPLETE"
        self.records.append(Welcomed(self.at(), stream, user, LOG_ID, self.head, 1, recovery))
        for stored in self.log if after is not None else ():
            if user in stored.users and stored.seen.sequence > (after or 0):
                self._show(stored.seen, stream)
        self.records.append(CaughtUp(self.at(), stream, self.head, fell_behind=False))
        self.live[stream] = user

    def drop(self, stream: str) -> None:
        """End a stream."""
        del self.live[stream]
        self.records.append(Ended(self.at(), stream, "UNAVAILABLE", "", own=False))

    def _show(self, seen: Seen, stream: str) -> None:
        self.records.append(
            Seen(
                self.at(),
                stream,
                seen.sequence,
                seen.what,
                seen.body,
                seen.author,
                seen.place,
                seen.text,
                seen.target,
            )
        )

    def store(
        self,
        what: str,
        author: int,
        users: set[int],
        *,
        but: str = "",
        place: str = "",
        text: str = "",
        target: int = 0,
    ) -> int:
        """Store an event, and show it to all streams of some users but one."""
        sequence = self.head + 2
        seen = Seen(0.0, "", sequence, what, f"body {sequence}", author, place, text, target)
        self.log.append(Stored(seen, frozenset(users)))
        for stream, user in self.live.items():
            if user in users and stream != but:
                self._show(seen, stream)
        return sequence

    # ------------------------------------------------------------- requests

    def ask(
        self,
        stream: str,
        what: str,
        place: str = "",
        text: str = "",
        target: int = 0,
        again: str = "",
    ) -> str:
        """Record a request; return its id."""
        self.ids += not again
        request_id = again or f"id{self.ids}"
        user = int(stream[1])
        self.records.append(Ask(self.at(), stream, user, request_id, what, place, text, target))
        return request_id

    def answer(
        self, stream: str, request_id: str, sequence: int, *, duplicate: bool = False
    ) -> None:
        """Record an answer."""
        self.records.append(Answer(self.at(), stream, request_id, sequence, duplicate))

    def send(self, stream: str, text: str, place: str = "#lobby", *, lost: bool = False) -> int:
        """Send a message; the answer may get lost."""
        author = int(stream[1])
        request_id = self.ask(stream, MESSAGE, place, text)
        users = {1, 2, 3} if place == "#lobby" else set(self.members)
        if place[0] == "@":
            users = {author, int(place[1:])}
        sequence = self.store(MESSAGE, author, users, but=stream, place=place, text=text)
        if lost:
            self.records.append(Unknown(self.at(), stream, request_id))
        else:
            self.answer(stream, request_id, sequence)
        return sequence

    def change(self, stream: str, what: str, text: str, target: int) -> int:
        """Edit or delete a message of the lobby, or react to it."""
        request_id = self.ask(stream, what, "", text, target)
        place = "#lobby" if what == EDITED else ""
        author = int(stream[1])
        sequence = self.store(what, author, {1, 2, 3}, place=place, text=text, target=target)
        for stored in self.log if what == DELETED else ():
            if stored.seen.sequence == target:
                stored.seen = replace(stored.seen, text="", body="blanked")
        self.answer(stream, request_id, sequence)
        return sequence

    def mark(self, stream: str, place: str, target: int) -> int:
        """Set a read marker."""
        author = int(stream[1])
        self.ask(stream, READ_MARKER, place, "", target)
        return self.store(READ_MARKER, author, {author}, place=place, target=target)

    def delete_room(self, user: int) -> int:
        """Let a member delete `#r`."""
        call = f"u{user}/call#{self.now}"
        self.records.append(RoomAsked(self.at(), call, user, ROOM_DELETED, "#r", user))
        sequence = self.store(
            ROOM_CHANGE, user, self.members, place="#r", text=ROOM_DELETED, target=user
        )
        self.members.clear()
        self.records.append(CallAnswered(self.at(), call))
        return sequence

    def refuse(self, stream: str, text: str) -> None:
        """Refuse a message."""
        request_id = self.ask(stream, MESSAGE, "#lobby", text)
        self.records.append(Refusal(self.at(), stream, request_id, "TEXT_EMPTY"))

    def room(self, user: int, what: str) -> int:
        """Let a user create, join or leave `#r`."""
        call = f"u{user}/call#{self.now}"
        self.records.append(RoomAsked(self.at(), call, user, f"CHANGE_{what}", "#r", user))
        if what != "LEFT":
            self.members.add(user)
        seen_by = self.members | {user}
        text = f"CHANGE_{what}"
        sequence = self.store(ROOM_CHANGE, user, seen_by, place="#r", text=text, target=user)
        if what == "LEFT":
            self.members.discard(user)
        self.records.append(CallAnswered(self.at(), call))
        return sequence

    def finish(self, streams: tuple[str, ...], users: tuple[int, ...]) -> None:
        """Bring the run to rest, and let users read the whole log."""
        self.records.append(Quiet(self.at(), self.head, streams))
        for user in users:
            self.open(f"u{user}/final#1", 0, final=True)

    def list(self, user: int, place: str, items: list[Item], *, final: bool = False) -> None:
        """List all of a conversation."""
        newest_first = tuple(sorted(items, key=lambda item: -item.sequence))
        at = self.at()
        self.records.append(
            Listed(at, self.at(), user, place, newest_first, whole=True, final=final)
        )

    def deny(self, user: int, place: str) -> None:
        """Refuse a list."""
        at = self.at()
        self.records.append(
            Listed(at, self.at(), user, place, (), whole=False, status="PERMISSION_DENIED")
        )


def item(sequence: int, author: int, text: str) -> Item:
    """Return a listed message without edits or reactions."""
    return Item(sequence, author, text, deleted=False, edited=False, reactions=())


def good() -> list[Record]:
    """Return a history in which every promise is tested and holds."""
    story = Story()
    for stream in ("u1/0#1", "u1/1#1", "u2/0#1", "u3/0#1"):
        story.open(stream)
    first = story.send("u1/0#1", "first")
    one = story.ask("u1/0#1", MESSAGE, "#lobby", "pipelined one")
    two = story.ask("u1/0#1", MESSAGE, "#lobby", "pipelined two")
    for request_id, text in ((one, "pipelined one"), (two, "pipelined two")):
        made = story.store(MESSAGE, 1, {1, 2, 3}, but="u1/0#1", place="#lobby", text=text)
        story.answer("u1/0#1", request_id, made)
    items = [item(first, 1, "first"), item(first + 2, 1, "pipelined one")]
    story.list(2, "#lobby", [*items, item(first + 4, 1, "pipelined two")])
    _in_a_room(story)
    _over_a_drop(story)
    gone = story.send("u1/0#1", "to be deleted")
    story.change("u1/0#1", EDITED, "first, edited", first)
    story.change("u2/0#2", REACTION, "👍", first)
    story.change("u1/1#1", DELETED, "", gone)
    story.refuse("u3/0#1", "refused")
    again = story.ask("u1/1#1", MESSAGE, "#lobby", "first", again="id1")
    story.answer("u1/1#1", again, first, duplicate=True)
    _read_it_all(story, first, gone)
    return story.records


def _in_a_room(story: Story) -> None:
    story.room(1, "CREATED")
    story.send("u1/0#1", "before bob", "#r")
    story.room(2, "JOINED")
    story.send("u1/0#1", "with bob", "#r")
    story.records.append(Passed(story.at(), "u2/0#1", "typing", 1, "#r"))
    story.send("u2/0#1", "from bob", "#r")
    story.room(2, "LEFT")
    story.send("u1/0#1", "after bob", "#r")
    story.deny(3, "#r")


def _over_a_drop(story: Story) -> None:
    last = story.send("u3/0#1", "seen before the drop")
    story.drop("u2/0#1")
    story.send("u1/0#1", "missed one")
    story.send("u1/0#1", "missed, for bob", "@2")
    story.open("u2/0#2", last)
    story.send("u2/0#2", "answer lost", lost=True)


def _read_it_all(story: Story, first: int, gone: int) -> None:
    last = story.send("u3/0#1", "the last one")
    streams = ("u1/0#1", "u1/1#1", "u2/0#2", "u3/0#1")
    assert story.head == last
    story.finish(streams[:3], users=(1, 2, 3))
    messages = [stored.seen for stored in story.log if stored.seen.what == MESSAGE]
    lobby = []
    for seen in messages:
        if seen.place != "#lobby":
            continue
        text, edited = ("first, edited", True) if seen.sequence == first else (seen.text, False)
        reactions = (("👍", 1),) if seen.sequence == first else ()
        deleted = seen.sequence == gone
        text = "" if deleted else text
        lobby.append(Item(seen.sequence, seen.author, text, deleted, edited, reactions))
    for user in (1, 2, 3):
        story.list(user, "#lobby", lobby, final=True)
    room = [item(seen.sequence, seen.author, seen.text) for seen in messages if seen.place == "#r"]
    story.list(1, "#r", room, final=True)
    direct = [item(seen.sequence, 1, seen.text) for seen in messages if seen.place == "@2"]
    story.list(2, "@1", direct, final=True)
