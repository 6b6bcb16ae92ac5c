"""The hub: the open streams, and the fan-out of what the log took."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.catch_up import CatchUp, ReadBlock, ReadPage
from chat_grpc.core.clients import Clients
from chat_grpc.core.clock import Clock
from chat_grpc.core.entry import MESSAGE, Entry
from chat_grpc.core.errors import ChatError, Replaced
from chat_grpc.core.events import encode, encode_sent
from chat_grpc.core.feed import Feed
from chat_grpc.core.intake import Intake
from chat_grpc.core.outbox import ANSWER, PASSING, Outbox
from chat_grpc.core.pacer import Pacer
from chat_grpc.core.presence import Presence
from chat_grpc.core.room_rules import CREATED, JOINED, LEFT, RoomChanged, channel_of
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.stream import FOREVER, LOBBY_CHANNEL, Range, Stream
from chat_grpc.core.tail import Tail
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2


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
        oldest: Callable[[], int],
        refuse: Callable[[str, ChatError, int], bytes],
        clock: Clock,
    ) -> None:
        """`append` gives an entry to the log and returns at once; `deliver` gets it back.

        `read_page` and `read_block` read the log, of which `oldest` gives the oldest sequence
        that is kept. `refuse` frames the `rejected` event of a request id, an error, and when the
        request was taken, in nanoseconds since 1970.
        """
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
        self._feed = Feed()
        """What is for all live streams."""
        self._tail = Tail(head)
        self.catch_up = CatchUp(
            read_page=read_page,
            read_block=read_block,
            tail=self._tail,
            head=lambda: self.head,
            oldest=oldest,
            tell=self.tell,
            live=self._go_live,
        )
        self.clients = Clients(clock.monotonic)
        self.intake = Intake(
            append=append,
            rooms=rooms,
            head=lambda: self.head,
            nanoseconds=clock.nanoseconds,
        )
        """Where messages and changes go in; they come back to `deliver`."""
        self._in_room: dict[str, dict[Outbox, Stream]] = {}
        """The open streams of the members, by the room's channel."""
        self._ended: deque[tuple[float, int, Range]] = deque()
        """Memberships that ended of late: when, whose, and what the user may see of the room."""
        self._full: list[Outbox] = []
        """The outboxes that went over their limit during `deliver`."""
        self._tell_presence_at = 0.0
        self.draining = False
        self.deliveries = 0
        """Stored events handed to streams since the start."""

    def open(
        self,
        caller: Caller,
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
        client = self.clients.hold(caller.user)
        if device_id:
            for other in client.streams:
                if other.device_id == device_id:
                    other.end(Replaced("The same device opened another stream."))
        now = self.clock.seconds()
        stream = Stream(
            caller,
            outbox,
            device_id=device_id,
            agent=agent,
            opened=now,
            cancel=cancel,
            reply=self._reply,
        )
        if not client.streams:
            client.connected_since = now
            self.presence.came(client)
        client.streams.append(stream)
        self.streams[outbox] = stream
        self.pacer.serves(len(self.streams))
        self._follow_rooms(stream, past)
        return stream

    def _follow_rooms(self, stream: Stream, past: Iterable[Range]) -> None:
        number = stream.user.number
        known = {(channel, low): high for channel, low, high in past}
        known |= {(t, low): high for _, user, (t, low, high) in self._ended if user == number}
        for room in self.rooms.of(number):
            channel = channel_of(room.key)
            # Where the store is ahead of what was delivered, what was delivered counts.
            known[channel, room.members[number].since] = FOREVER
            self._in_room.setdefault(channel, {})[stream.outbox] = stream
        for (channel, low), high in sorted(known.items()):
            stream.ranges.setdefault(channel, []).append((low, high))

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
        self.pacer.serves(len(self.streams))
        self._live.pop(stream.outbox, None)
        for room in self.rooms.of(stream.user.number):
            self._leave_room(stream, channel_of(room.key))
        client = self.clients[stream.user.number]
        client.streams.remove(stream)
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        if client.streams:
            client.connected_since = client.streams[0].opened
        else:
            self.presence.went(client)

    def _leave_room(self, stream: Stream, channel: str) -> None:
        inside = self._in_room[channel]
        del inside[stream.outbox]
        if not inside:
            del self._in_room[channel]

    def tick(self) -> None:
        """Frees names whose time is over, and tells who came and left."""
        now = self.clock.monotonic()
        while self._ended and self._ended[0][0] < now - limits.MEMBERSHIP_KEPT:
            self._ended.popleft()
        self._tell_presence(now)
        self.clients.free()

    def _tell_presence(self, now: float) -> None:
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
            # Not there if the name became free before its user's leaving was told.
            client = self.clients.get(number)
            for stream in client.streams if others and client is not None else ():
                self.tell(stream, others, PASSING)

    def was_stopped(self, seconds: float) -> None:
        """Extend each deadline by a time in which the process did not run.

        Nobody could come back, or read, while it was stopped (SIGSTOP, a suspended machine).
        """
        self.presence.extend(seconds)
        self.clients.extend(seconds)
        for outbox in self.streams:
            if outbox.writing_since:
                outbox.writing_since += seconds

    def _tell_some_missing(self) -> None:
        """Tells each stream to list anew; one that is not at the head, once it is."""
        for stream in self.streams.values():
            stream.fell_behind |= stream.position is not None
        missing = self.presence.some_missing(self.head, self.clock.nanoseconds())
        self._feed.append(missing, PASSING)
        self._publish()

    def broadcast(self, frames: bytes, skip: Collection[int] = ()) -> None:
        """Sends passing events to every stream but those of the users with these numbers."""
        clients = filter(None, map(self.clients.get, skip))
        skipped = (stream.outbox for client in clients for stream in client.streams)
        self._feed.append(frames, PASSING, [o for o in skipped if o.feed is not None])
        if len(self._live) < len(self.streams):
            behind = (s for s in self.streams.values() if s.position is not None)
            self._put((s.outbox for s in behind if s.user.number not in skip), frames, PASSING)
        self._publish()

    def tell(self, stream: Stream, frames: bytes, first: int = ANSWER) -> None:
        """Sends events to one stream; `first` is as for `Pacer.put`."""
        self._put((stream.outbox,), frames, first)
        self.pacer.pump()

    def typing(self, stream: Stream, to: User | str) -> None:
        """Tells the others of a conversation that a stream's user is typing.

        Told seldom, so that it costs little; see `Stream.types`. Raises as `submit` does.
        """
        author = stream.user
        event = chat_pb2.Event()
        event.typing.author.number, event.typing.author.name = author.number, author.name
        if isinstance(to, User):
            channel = f"@{to.number}"
        else:
            (channel,), _ = self.intake.into(to, author)
            event.typing.room = self.intake.room_name(channel)
        if not stream.types(channel, self.clock.monotonic()):
            return
        event.time.FromNanoseconds(self.clock.nanoseconds())
        if channel == LOBBY_CHANNEL:
            self.broadcast(encode(event), skip=(author.number,))
        else:
            others = (s.outbox for s in self._followers((channel,)) if s.user != author)
            self._put(others, encode(event), PASSING)
            self.pacer.pump()

    # ---------------------------------------------------------------- fan-out

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Fans out what the log took, in its order, and answers the senders.

        What the lobby gets goes once into the feed of all live streams, the rest to each stream
        that gets it.
        """
        senders: dict[Stream, None] = {}
        for entry in entries:
            waiter = entry.waiter
            sender = waiter.stream if waiter is not None else None
            recipients = self._place(entry, sender) if entry.outcome.stored else 0
            if waiter is not None:
                waiter.settle(entry, recipients)
            if sender is not None:
                senders[sender] = None
            self.intake.settled(entry.command)
        # Only after the whole batch: the first dropped event says where a stream resumes.
        full, self._full = self._full, []
        self._fall_behind_where(full)
        for stream in senders:
            if len(stream.own) > 2 * limits.MAX_UNANSWERED and stream.position is None:
                stream.forget_own()
        self._publish()

    def _place(self, entry: Entry, sender: Stream | None) -> int:
        """Give a stored event to the streams that see it; return how many streams those are.

        `sender` is the stream that made the command. Outboxes over their limit go to `_full`.
        """
        outcome = entry.outcome
        self.head = sequence = outcome.sequence
        self._tail.append(outcome)
        if outcome.rewritten:
            self.catch_up.replace(outcome.rewritten)
        if entry.command.kind != MESSAGE:
            sender = None  # only a message is not sent to the stream that sent it
        if sender is not None:
            sender.stored(sequence)
        if outcome.channels == (LOBBY_CHANNEL,):
            own: tuple[Outbox, ...] = ()
            if sender is not None and sender.outbox.feed is not None:
                own = (sender.outbox,)
            self._feed.append(outcome.encoded, sequence, own)
            self.deliveries += len(self._live) - len(own)
            return len(self.streams) - (sender is not None)
        followers = [s for s in self._followers(outcome.channels) if s is not sender]
        live = [s.outbox for s in followers if s.position is None]
        self._full += self.pacer.put(live, outcome.encoded, sequence)
        self.deliveries += len(live)
        if outcome.room is not None:
            self._take_over(outcome.room, sequence)
        return len(followers)

    def _take_over(self, changed: RoomChanged, sequence: int) -> None:
        """Takes over what the log did to a room, and who sees the room's events from here on."""
        number = changed.subject.number
        channel = channel_of(changed.key)
        client = self.clients.get(number)
        streams = client.streams if client is not None else []
        if changed.change == LEFT and self.rooms.has_member(changed.key, number):
            since = self.rooms.known(changed.key).members[number].since
            ended = (channel, since, sequence - 1)
            self._ended.append((self.clock.monotonic(), number, ended))
            for stream in streams:
                stream.left(channel, sequence)
                self._leave_room(stream, channel)
        self.rooms.apply(changed, sequence)
        if changed.change in (CREATED, JOINED):
            for stream in streams:
                stream.joined(channel, sequence)
                self._in_room.setdefault(channel, {})[stream.outbox] = stream

    def _followers(self, channels: tuple[str, ...]) -> Iterable[Stream]:
        found: dict[Stream, None] = {}
        for channel in channels:
            if channel[0] == "#":
                found.update(dict.fromkeys(self._in_room.get(channel, {}).values()))
            elif (client := self.clients.get(int(channel[1:]))) is not None:
                found.update(dict.fromkeys(client.streams))
        return found

    def _reply(self, stream: Stream, entry: Entry) -> None:
        """Send a stream the answer to one of its requests, behind the events before it."""
        request_id, outcome = entry.command.key.request_id, entry.outcome
        if outcome.error is not None:
            answer = self._refuse(request_id, outcome.error, outcome.time)
        else:
            answer = encode_sent(
                request_id.encode(), outcome.sequence, outcome.time, duplicate=outcome.duplicate
            )
        self._full += self.pacer.put((stream.outbox,), answer, ANSWER)

    def _put(self, outboxes: Iterable[Outbox], frames: bytes, first: int) -> None:
        self._fall_behind_where(self.pacer.put(outboxes, frames, first))

    def _publish(self) -> None:
        """Lets the pacer know that there is more in the feed, which is kept short."""
        self.pacer.publish(self._feed)
        if self._feed.size > limits.MAX_OUTBOX_BYTES + limits.FEED_SLACK:
            self._shorten(self._feed)

    def _shorten(self, feed: Feed) -> None:
        """Sends the streams that lag to the log, and lets go of what no other needs."""
        needs = {outbox: outbox.needs for outbox in self._live if outbox.feed is not None}
        most, end = limits.MAX_OUTBOX_BYTES, feed.end
        self._fall_behind_where([o for o, at in needs.items() if feed.size_between(at, end) > most])
        feed.trim(min((at for o, at in needs.items() if o.feed is not None), default=end))

    # ------------------------------------------------------------ catching up

    def _fall_behind_where(self, full: Iterable[Outbox]) -> None:
        for outbox in full:
            stream = self.streams.get(outbox)
            if stream is not None and stream.position is None:
                self._fall_behind(stream)

    def _fall_behind(self, stream: Stream) -> None:
        """Sends a stream to the log, from what it was written last."""
        del self._live[stream.outbox]
        dropped = stream.outbox.fall_behind()
        stream.position = self.head if dropped is None else dropped - 1
        stream.fell_behind = True
        self.catch_up.add(stream)

    def _go_live(self, stream: Stream) -> None:
        self._live[stream.outbox] = stream
        stream.outbox.follow(self._feed)
        caught_up = chat_pb2.CaughtUp(head_sequence=self.head, fell_behind=stream.fell_behind)
        event = chat_pb2.Event(caught_up=caught_up)
        event.time.FromNanoseconds(self.clock.nanoseconds())
        stream.position, stream.fell_behind = None, False
        stream.forget_own()
        # If it falls behind before this is written, what is before it is dropped, and this too.
        self.tell(stream, encode(event), PASSING)
