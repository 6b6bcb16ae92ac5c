"""The hub: who is connected, who may write to whom, and the fan-out of what the log took."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat_grpc.core import limits
from chat_grpc.core.catch_up import CatchUp, ReadBlock, ReadPage
from chat_grpc.core.changes import Change, LeaveRoom, Post, SetRole
from chat_grpc.core.entry import MESSAGE, NO_KEY, Entry, RequestKey, User
from chat_grpc.core.errors import (
    ChatError,
    FieldInvalid,
    NameTaken,
    Replaced,
    RequestIdInvalid,
    TextEmpty,
    TextInvalid,
    TextTooLong,
    message_not_found,
)
from chat_grpc.core.events import frame, message_content, sent_frame, to_room
from chat_grpc.core.fan_out import FanOut
from chat_grpc.core.mentions import mentioned
from chat_grpc.core.names import room_key
from chat_grpc.core.outbox import ANSWER, PASSING, Outbox
from chat_grpc.core.pacer import Pacer
from chat_grpc.core.presence import Presence
from chat_grpc.core.rooms import (
    CREATED,
    JOINED,
    LEFT,
    LOBBY,
    MEMBER,
    RoomChanged,
    Rooms,
    only_reads,
    topic_of,
)
from chat_grpc.core.stream import FOREVER, LOBBY_TOPIC, Client, Range, Stream
from chat_grpc.core.tail import Tail
from chat_grpc.v1 import chat_pb2

_TO_LOBBY = to_room(LOBBY)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from."""

    monotonic: Callable[[], float]
    """Seconds that never go back."""
    nanoseconds: Callable[[], int]
    """Nanoseconds since 1970; may jump."""

    def seconds(self) -> float:
        """Seconds since 1970; may jump."""
        return self.nanoseconds() / 1e9


class Call(Protocol):
    """Who waits for the answer to a message that came without a stream (`SendTo`)."""

    def stored(self, entry: Entry, recipient_stream_count: int) -> None:
        """Is told that the entry is in the log, or was there before."""

    def refused(self, error: ChatError) -> None:
        """Is told that the entry is not in the log."""


class Hub:
    """The chat of one node.

    Belongs to the event loop and needs no locks. Nothing in it blocks or awaits.

    Order: each stream gets stored events by rising sequence, and the answers to its own
    requests in the order of the log. An event is delivered only once the log has it.
    """

    def __init__(
        self,
        *,
        append: Callable[[Entry], None],
        head: int,
        pacer: Pacer,
        presence: Presence,
        rooms: Rooms,
        read_page: ReadPage,
        read_block: ReadBlock,
        refuse: Callable[[str, ChatError], bytes],
        clock: Clock,
    ) -> None:
        """`append` gives an entry to the log and returns at once; `deliver` gets it back.

        `read_page` and `read_block` read the log. `refuse` frames the `rejected` event of a
        request id and an error.
        """
        self._append = append
        self._refuse = refuse
        self.pacer = pacer
        self.presence = presence
        self.rooms = rooms
        self.clock = clock
        self.head = head
        """The newest sequence that was delivered."""
        self.streams: dict[Outbox, Stream] = {}
        self._live: dict[Outbox, Stream] = {}
        """Those that get stored events as they are delivered; the others catch up."""
        self._tail = Tail(head)
        self.catch_up = CatchUp(
            read_page=read_page,
            read_block=read_block,
            tail=self._tail,
            head=lambda: self.head,
            feed=self._feed,
            live=self._go_live,
        )
        self.clients: dict[int, Client] = {}
        """By number: those connected, and those whose name is held."""
        self._names: dict[str, Client | None] = {}
        """By name's key, as `clients`; None while a new guest is being stored."""
        self._in_room: dict[str, dict[Outbox, Stream]] = {}
        """The open streams of the members, by the room's topic."""
        self._ended: deque[tuple[float, int, Range]] = deque()
        """Memberships that ended of late: when, whose, and what the user may see of the room."""
        self._deciding: Counter[tuple[str, int]] = Counter()
        """In which room, by topic, the log is about to decide something about whom."""
        self._tell_presence_at = 0.0
        self.draining = False
        self.deliveries = 0
        """Stored events handed to streams since the start."""

    # ------------------------------------------------------------------ names

    def claim(self, name: str, key: str) -> None:
        """Takes a name for a guest who is about to be stored; `hold` or `release` must follow.

        Raises `NameTaken`.
        """
        if key in self._names:
            holder = self._names[key]
            wait = None
            if holder is not None and not holder.streams:
                wait = max(1.0, holder.held_until - self.clock.monotonic())
            raise NameTaken(
                f"The name {name} belongs to somebody else at the moment; take another.",
                metadata={"name": name},
                retry_after=wait,
            )
        self._names[key] = None

    def release(self, key: str) -> None:
        """Gives back a name that `claim` took."""
        if self._names.get(key, self) is None:
            del self._names[key]

    def hold(self, user: User) -> Client:
        """Keeps a user's name for `limits.NAME_HOLD` seconds from now, and while streams are open.

        Raises `NameTaken` where another user has the name.
        """
        client = self.clients.get(user.number)
        if client is None:
            if self._names.get(user.key) is not None:
                raise NameTaken(
                    f"The name {user.name} went to somebody else while you were away.",
                    metadata={"name": user.name},
                )
            client = self.clients[user.number] = Client(user)
            self._names[user.key] = client
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        return client

    def by_number(self, number: int) -> User | None:
        """Finds a user who is connected or whose name is held."""
        client = self.clients.get(number)
        return client.user if client is not None else None

    def by_key(self, key: str) -> User | None:
        """Finds a user who is connected or whose name is held, by the name's key."""
        client = self._names.get(key)
        return client.user if client is not None else None

    def connected(self) -> list[Client]:
        """The clients that are connected now, by rising number."""
        return [c for _, c in sorted(self.clients.items()) if c.streams]

    # ---------------------------------------------------------------- streams

    def open(
        self,
        user: User,
        outbox: Outbox,
        *,
        device_id: str,
        agent: str,
        cancel: Callable[[], object],
        past: Iterable[Range] = (),
    ) -> Stream:
        """Opens a stream; `begin` must follow, in the same step of the loop.

        `past` is what the user may see of rooms that they left, as the store has it. Another
        stream of the same device ends with `Replaced`. Raises `NameTaken`.
        """
        client = self.hold(user)
        if device_id:
            for other in client.streams:
                if other.device_id == device_id:
                    other.end(Replaced("The same device opened another stream."))
        now = self.clock.seconds()
        stream = Stream(user, outbox, device_id=device_id, agent=agent, opened=now, cancel=cancel)
        if not client.streams:
            client.connected_since = now
            self.presence.came(client)
        client.streams.append(stream)
        self.streams[outbox] = stream
        self._follow_rooms(stream, past)
        return stream

    def _follow_rooms(self, stream: Stream, past: Iterable[Range]) -> None:
        number = stream.user.number
        known = {(topic, low): high for topic, low, high in past}
        known |= {(t, low): high for _, user, (t, low, high) in self._ended if user == number}
        for room in self.rooms.of(number):
            topic = topic_of(room.key)
            # Where the store is ahead of what was delivered, what was delivered counts.
            known[topic, room.members[number].since] = FOREVER
            self._in_room.setdefault(topic, {})[stream.outbox] = stream
        for (topic, low), high in sorted(known.items()):
            stream.ranges.setdefault(topic, []).append((low, high))

    def begin(self, stream: Stream, after: int | None) -> None:
        """Lets a stream get events: all after a sequence, or from now on; then `caught_up`."""
        if after is None or after >= self.head:
            self._go_live(stream)
        else:
            stream.position = after
            self.catch_up.add(stream)

    def close(self, stream: Stream) -> None:
        """Forgets a stream that ended, for whatever reason."""
        stream.outbox.close()
        self.catch_up.forget(stream)
        del self.streams[stream.outbox]
        self._live.pop(stream.outbox, None)
        for room in self.rooms.of(stream.user.number):
            self._leave_room(stream, topic_of(room.key))
        client = self.clients[stream.user.number]
        client.streams.remove(stream)
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        if client.streams:
            client.connected_since = client.streams[0].opened
        else:
            self.presence.went(client)

    def _leave_room(self, stream: Stream, topic: str) -> None:
        inside = self._in_room[topic]
        del inside[stream.outbox]
        if not inside:
            del self._in_room[topic]

    def tick(self) -> None:
        """Frees names whose time is over, and tells who came and left."""
        now = self.clock.monotonic()
        while self._ended and self._ended[0][0] < now - limits.MEMBERSHIP_KEPT:
            self._ended.popleft()
        free = [c for c in self.clients.values() if not c.streams and c.held_until <= now]
        for client in free:
            del self.clients[client.user.number]
            del self._names[client.user.key]
        if now < self._tell_presence_at:
            return
        changes = self.presence.due(now, self.clock.nanoseconds())
        if not changes or not self.streams:
            return
        self._tell_presence_at = now + len(self.streams) / limits.PRESENCE_RATE
        if len(changes) * len(self.streams) > limits.PRESENCE_BUDGET:
            self._tell_some_missing()
            return
        self.broadcast(b"".join(changes.values()), skip=changes.keys())
        for number in changes:
            others = b"".join(told for other, told in changes.items() if other != number)
            for stream in self.clients[number].streams if others else ():
                self.tell(stream, others, PASSING)

    def _tell_some_missing(self) -> None:
        """Tells each stream to list anew; one that is not at the head, once it is."""
        for stream in self.streams.values():
            stream.fell_behind |= stream.position is not None
        missing = self.presence.some_missing(self.head, self.clock.nanoseconds())
        self._put(list(self._live), missing, PASSING)
        self.pacer.pump()

    def broadcast(self, frames: bytes, skip: Collection[int] = ()) -> None:
        """Sends passing events to every stream but those of the users with these numbers."""
        streams = self.streams
        if skip:
            others = (o for o, s in streams.items() if s.user.number not in skip)
            self._put(others, frames, PASSING)
        else:
            self._put(streams, frames, PASSING)
        self.pacer.pump()

    def tell(self, stream: Stream, frames: bytes, first: int = ANSWER) -> None:
        """Sends events to one stream; `first` is as for `Pacer.put`."""
        self._put((stream.outbox,), frames, first)
        self.pacer.pump()

    # --------------------------------------------------------------- messages

    def submit(
        self,
        origin: Stream | Call,
        author: User,
        to: User | str,
        text: str,
        reply_to: int,
        key: RequestKey,
    ) -> None:
        """Sends a message to a user or to a room; the answer comes to `origin`.

        Raises a `ChatError` where it is refused at once.
        """
        check_request_id(key.request_id)
        encoded = self._check(text, reply_to)
        if isinstance(to, User):
            topics = direct_topics(author, to)
            target = to.addressee
        else:
            topics, target = self._into(to, author)
        now = self.clock.nanoseconds()
        numbers = self.mentioned(text, author, to) if "@" in text else ()
        content = message_content(now, author.author, target, encoded, reply_to, numbers)
        entry = Entry(author.number, topics, content, now, key, origin)
        if self._deciding and (topics[0], author.number) in self._deciding:
            # It comes behind in the log: whether the author may still write is decided there.
            entry.change = Post(topics[0][1:])
        self._append(entry)
        if isinstance(origin, Stream):
            origin.unanswered += 1

    def _into(self, name: str, author: User) -> tuple[tuple[str, ...], bytes]:
        """Gives the topics of a message to a room, and its target, if the author may write."""
        if name == LOBBY or room_key(name) == LOBBY:
            return (LOBBY_TOPIC,), _TO_LOBBY
        room = self.rooms.for_member(room_key(name), author.number)
        if room.role(author.number) < MEMBER:
            raise only_reads(room.name)
        return (topic_of(room.key),), to_room(room.name)

    def readable_room(self, name: str, reader: User) -> str:
        """Gives the topic of a room that a user reads. Raises `RoomNotFound` or `NotAMember`."""
        key = room_key(name)
        if key != LOBBY:
            self.rooms.for_member(key, reader.number)
        return topic_of(key)

    def room_name(self, topic: str) -> str:
        """Gives the name of the room of a topic."""
        return LOBBY if topic == LOBBY_TOPIC else self.rooms.known(topic[1:]).name

    def may_read(self, topics: tuple[str, ...], reader: User) -> bool:
        """Says whether a user may read a conversation."""
        if topics[0][0] == "@":
            return f"@{reader.number}" in topics
        return topics[0] == LOBBY_TOPIC or self.rooms.has_member(topics[0][1:], reader.number)

    def change(
        self,
        origin: Stream | Call,
        author: User,
        change: Change,
        kind: int,
        *,
        topics: tuple[str, ...] = (),
        event: chat_pb2.Event | None = None,
        target: int = 0,
        key: RequestKey = NO_KEY,
    ) -> None:
        """Writes a change into the log; the answer comes to `origin`.

        `topics` and `event` are for what is known before the log decides; of a room's changes the
        journal makes them.
        """
        now = self.clock.nanoseconds()
        content = b""
        if event is not None:
            event.time.FromNanoseconds(now)
            content = event.SerializeToString()
        entry = Entry(author.number, topics, content, now, key, origin)
        entry.change, entry.kind, entry.target = change, kind, target
        if (about := _about(entry)) is not None:
            self._deciding[about] += 1
        self._append(entry)
        if isinstance(origin, Stream):
            origin.unanswered += 1

    def typing(self, stream: Stream, to: User | str) -> None:
        """Tells the others of a conversation that a stream's user is typing.

        Told seldom, so that it costs little; see `Stream.types`. Raises as `submit` does.
        """
        author = stream.user
        event = chat_pb2.Event()
        event.typing.author.number, event.typing.author.name = author.number, author.name
        followers: Iterable[Outbox]
        if isinstance(to, User):
            topic = f"@{to.number}"
            followers = [s.outbox for s in self._followers((topic,)) if s.user != author]
        else:
            (topic,), _ = self._into(to, author)
            event.typing.room = self.room_name(topic)
            inside = self.streams if topic == LOBBY_TOPIC else self._in_room.get(topic, {})
            followers = [o for o, s in inside.items() if s.user != author]
        if not stream.types(topic, self.clock.monotonic()):
            return
        event.time.FromNanoseconds(self.clock.nanoseconds())
        self._put(followers, frame(event), PASSING)
        self.pacer.pump()

    def _check(self, text: str, reply_to: int) -> bytes:
        encoded = check_text(text)
        if reply_to < 0:
            raise FieldInvalid("reply_to is a sequence: 1 or more, or 0 for none.")
        if reply_to > self.head:
            raise message_not_found(reply_to, "reply_to")
        return encoded

    def mentioned(self, text: str, author: User, to: User | str) -> Sequence[int]:
        """Finds the members of a conversation whom a text names as `@name`."""
        if isinstance(to, User):
            return mentioned(text, {author.key: author, to.key: to}.get)
        if (key := room_key(to)) == LOBBY:
            return mentioned(text, self.by_key)
        room = self.rooms.get(key, author.number)
        return mentioned(text, lambda name: room.by_key(name, self.by_key(name)))

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Fans out what the log took, in its order, and answers the senders.

        The frames of the lobby are joined once, and every stream gets the same bytes. A stream that
        sent one of them, or gets a direct message among them, gets its own parts, in order.
        """
        lobby = FanOut()
        counted: list[tuple[Call, Entry, int]] = []
        for entry in entries:
            origin = entry.origin
            recipients = 0
            if entry.stored:
                recipients = self._place(entry, lobby)
            if isinstance(origin, Stream):
                if entry.request_id or entry.error is not None:
                    lobby.add(origin, self._answer(entry), ANSWER)
                origin.answered()
            else:
                counted.append((origin, entry, recipients))  # type: ignore[arg-type]
        self._fan_out(lobby)
        for call, entry, recipients in counted:
            if entry.error is not None:
                call.refused(entry.error)
            else:
                call.stored(entry, recipients)
        for entry in entries:
            if self._deciding and (about := _about(entry)) is not None:
                self._decided(about)
            entry.settled()

    def _decided(self, about: tuple[str, int]) -> None:
        self._deciding[about] -= 1
        if not self._deciding[about]:
            del self._deciding[about]

    def _place(self, entry: Entry, lobby: FanOut) -> int:
        """Puts a stored event where it goes; gives how many streams are open to receive it."""
        self.head = sequence = entry.sequence
        self._tail.append(entry)
        if entry.rewritten:
            self.catch_up.replace(entry.rewritten)
        # Only a message is not sent to the stream that sent it.
        origin = entry.origin if entry.kind == MESSAGE else None
        if isinstance(origin, Stream):
            origin.stored(sequence)
        if entry.topics == (LOBBY_TOPIC,):
            if isinstance(origin, Stream):
                lobby.leave_out(origin)
            lobby.frames.append(entry.frame)
            lobby.sequences.append(sequence)
            return len(self.streams) - isinstance(origin, Stream)
        followers = [s for s in self._followers(entry.topics) if s is not origin]
        for stream in followers:
            if stream.position is None:
                lobby.add(stream, entry.frame, sequence)
        if entry.outcome is not None:
            self._take_over(entry.outcome, sequence)
        return len(followers)

    def _take_over(self, changed: RoomChanged, sequence: int) -> None:
        """Takes over what the log did to a room, and who sees the room's events from here on."""
        number = changed.subject.number
        topic = topic_of(changed.key)
        client = self.clients.get(number)
        streams = client.streams if client is not None else []
        if changed.change == LEFT and self.rooms.has_member(changed.key, number):
            since = self.rooms.known(changed.key).members[number].since
            ended = (topic, since, sequence - 1)
            self._ended.append((self.clock.monotonic(), number, ended))
            for stream in streams:
                stream.left(topic, sequence)
                self._leave_room(stream, topic)
        self.rooms.apply(changed, sequence)
        if changed.change in (CREATED, JOINED):
            for stream in streams:
                stream.joined(topic, sequence)
                self._in_room.setdefault(topic, {})[stream.outbox] = stream

    def _followers(self, topics: tuple[str, ...]) -> Iterable[Stream]:
        found: dict[Stream, None] = {}
        for topic in topics:
            if topic[0] == "#":
                found.update(dict.fromkeys(self._in_room.get(topic, {}).values()))
            elif (client := self.clients.get(int(topic[1:]))) is not None:
                found.update(dict.fromkeys(client.streams))
        return found

    def _answer(self, entry: Entry) -> bytes:
        if entry.error is not None:
            return self._refuse(entry.request_id, entry.error)
        return sent_frame(entry.request_id.encode(), entry.sequence, entry.duplicate)

    def _fan_out(self, lobby: FanOut) -> None:
        live, own = self._live, lobby.own
        if lobby.frames:
            plain = (o for o, s in live.items() if s not in own) if own else live
            self._put(plain, b"".join(lobby.frames), lobby.sequences[0])
            self.deliveries += len(lobby.frames) * len(live)
        for stream in own:
            if stream.outbox not in self.streams:
                continue
            self._put_parts(stream, lobby.parts_of(stream))
        self.pacer.pump()

    def _put_parts(self, stream: Stream, parts: Iterable[tuple[bytes, int]]) -> None:
        """Gives a stream its own parts of a batch; while it catches up, the answers only."""
        live, over = stream.position is None, False
        for frames, first in parts:
            if first == ANSWER or live:
                over |= bool(self.pacer.put((stream.outbox,), frames, first))
                self.deliveries += 1
        # Not before all is put: where it resumes is told by what is dropped.
        if over and live:
            self._fall_behind(stream)
        elif live and len(stream.own) > 2 * limits.MAX_UNANSWERED:
            stream.forget_own()

    def _put(self, outboxes: Iterable[Outbox], frames: bytes, first: int) -> None:
        for outbox in self.pacer.put(outboxes, frames, first):
            stream = self.streams[outbox]
            if stream.position is None:
                self._fall_behind(stream)

    # ------------------------------------------------------------ catching up

    def _fall_behind(self, stream: Stream) -> None:
        """Sends a stream to the log, from what it was written last."""
        del self._live[stream.outbox]
        dropped = stream.outbox.fall_behind()
        stream.position = self.head if dropped is None else dropped - 1
        stream.fell_behind = True
        self.catch_up.add(stream)

    def _feed(self, stream: Stream, frames: bytes, first: int) -> None:
        self.tell(stream, frames, first)

    def _go_live(self, stream: Stream) -> None:
        self._live[stream.outbox] = stream
        caught_up = chat_pb2.CaughtUp(head_sequence=self.head, fell_behind=stream.fell_behind)
        event = chat_pb2.Event(caught_up=caught_up)
        event.time.FromNanoseconds(self.clock.nanoseconds())
        stream.position, stream.fell_behind = None, False
        stream.forget_own()
        # If it falls behind before this is written, what is before it is dropped, and this too.
        self.tell(stream, frame(event), PASSING)


def _about(entry: Entry) -> tuple[str, int] | None:
    """Gives the topic of a room, and of whom a change may take the right to write there."""
    match entry.change:
        case SetRole(key, subject):
            return topic_of(key), subject.number
        case LeaveRoom(key):
            return topic_of(key), entry.author
    return None


def direct_topics(one: User, other: User) -> tuple[str, ...]:
    """Gives the topics of a direct conversation, the lower number first."""
    numbers = sorted({one.number, other.number})
    return tuple(f"@{number}" for number in numbers)


def check_request_id(request_id: str) -> None:
    """Raises `RequestIdInvalid`; none at all is not looked for."""
    if len(request_id) > limits.MAX_REQUEST_ID_LENGTH or not (
        request_id.isascii() and request_id.isprintable()
    ):
        raise RequestIdInvalid(
            f"A request_id has 1 to {limits.MAX_REQUEST_ID_LENGTH} printable ASCII characters."
        )


def check_text(text: str) -> bytes:
    """Encodes a text. Raises `TextEmpty`, `TextTooLong` or `TextInvalid`."""
    encoded = text.encode()
    if not encoded:
        raise TextEmpty("A message needs a text.")
    if len(encoded) > limits.MAX_TEXT_BYTES:
        raise TextTooLong(
            f"The text has {len(encoded)} bytes, more than {limits.MAX_TEXT_BYTES}.",
            metadata={"max_text_bytes": str(limits.MAX_TEXT_BYTES)},
        )
    if "\x00" in text:
        raise TextInvalid("A text cannot hold the character U+0000.")
    return encoded
