"""The fan-out: events to the streams of one node, live or from the log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from chat_grpc.core import limits
from chat_grpc.core.catch_up import CatchUp, ReadBlock, ReadPage
from chat_grpc.core.delivery import CatchingUp, Pacing
from chat_grpc.core.entry import Outcome
from chat_grpc.core.events import encode_caught_up
from chat_grpc.core.feed import Feed
from chat_grpc.core.parts import Part, Passing, Stored
from chat_grpc.core.stream import Stream
from chat_grpc.core.tail import Tail


class FanOut:
    """Gives events to streams.

    An event for everyone is appended once to the feed that all live streams follow; any other is
    put into the outbox of each stream that sees it. Streams that catch up get stored events from
    the log only.

    Calls of `to_all` and `to_each` belong together up to the next `flush`. Only then do streams
    fall behind whose outbox is over its limit: a stream that read the log in the middle of a batch
    could get an event twice. Events of one batch must be in the order of the log.

    Belongs to the event loop; nothing in it blocks.
    """

    def __init__(
        self,
        pacer: Pacing,
        *,
        head: int,
        read_page: ReadPage,
        read_block: ReadBlock,
        oldest: Callable[[], int],
        nanoseconds: Callable[[], int],
    ) -> None:
        """`head` is the newest sequence delivered so far; see `CatchUp` for the others."""
        self._pacer = pacer
        self._nanoseconds = nanoseconds
        self.head = head
        """The newest sequence that was delivered."""
        self.feed = Feed()
        """The events for all live streams."""
        self._published = 0
        """The offset of the feed that the pacer knows of."""
        self._tail = Tail(head)
        self.catch_up = CatchUp(
            read_page=read_page,
            read_block=read_block,
            tail=self._tail,
            head=lambda: self.head,
            oldest=oldest,
            go_live=self._go_live,
        )
        self.streams: dict[Stream, None] = {}
        """The open streams, the oldest first."""
        self._full: list[Stream] = []
        """The streams whose outbox went over its limit since the last `flush`."""
        self.stored = 0
        """The number of stored events since the start."""
        self.deliveries = 0
        """The number of stored events given to live streams since the start."""

    # ------------------------------------------------------------ streams

    def add(self, stream: Stream) -> None:
        """Add a new stream. Until `begin`, it gets only the events for this stream alone."""
        self.streams[stream] = None
        self._pacer.serves(len(self.streams))

    def begin(self, stream: Stream, after: int | None) -> None:
        """Give a stream all events after a sequence, or from now on; then `caught_up`."""
        stream.begins_after = self.head if after is None else after
        if after is None or after >= self.head:
            state = stream.delivery.catching_up
            assert state is not None
            self._go_live(stream, state)
        else:
            stream.delivery.catch_up(after)
            self.catch_up.add(stream)

    def remove(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        stream.delivery.close()
        self.catch_up.forget(stream)
        del self.streams[stream]
        self._pacer.serves(len(self.streams))

    def _go_live(self, stream: Stream, state: CatchingUp) -> None:
        fell_behind, now = state.fell_behind, self._nanoseconds()
        told = encode_caught_up(self.head, now, fell_behind=fell_behind)
        stream.delivery.go_live(Passing(told))
        self.catch_up.forget(stream)
        self._forget_own(stream)

    def bound_own(self, stream: Stream) -> None:
        """Forget own messages of a stream. If too many are left, the stream falls behind."""
        if stream.delivery.live:
            self._forget_own(stream)
            if len(stream.own) >= limits.MAX_OWN:
                self._fall_behind((stream,))

    def _forget_own(self, stream: Stream) -> None:
        """Forget the own messages of a live stream, up to the first event that it may drop."""
        first = stream.delivery.first_stored()
        stream.forget_own(self.head if first is None else first - 1)

    # ------------------------------------------------------------ events

    def store(self, outcome: Outcome) -> None:
        """Note the newest stored event, before it is delivered."""
        self.head = outcome.sequence
        self.stored += 1
        self._tail.append(outcome)
        if outcome.rewritten:
            self.catch_up.replace(outcome.rewritten)

    def to_all(self, part: Stored | Passing, but: Collection[Stream] = ()) -> None:
        """Give an event to every stream except some.

        If it is not stored, streams that catch up get it between two pages.
        """
        for stream in but:
            stream.delivery.gather()
        behind = self.catch_up.streams
        if type(part) is Stored:
            self.feed.append(part.encoded, part.sequence)
            live = len(self.streams) - len(behind)
            self.deliveries += live - sum(stream.delivery.live for stream in but)
        else:
            self.feed.append(part.encoded, None)
            for stream in behind:
                if stream not in but:
                    stream.delivery.put(part)
        for stream in but:
            stream.delivery.skip()

    def to_each(self, streams: Iterable[Stream], part: Part) -> None:
        """Give events to some streams. If they are stored, only to the live ones of them."""
        full = self._full
        if type(part) is Stored:
            for stream in streams:
                if stream.delivery.live:
                    self.deliveries += 1
                    if stream.delivery.put(part):
                        full.append(stream)
        else:
            full += [stream for stream in streams if stream.delivery.put(part)]

    def flush(self) -> None:
        """End a batch: let streams fall behind, and let the pacer write the rest."""
        if self._full:
            full, self._full = self._full, []
            self._fall_behind(full)
        feed = self.feed
        if self._published != feed.end:
            self._published = feed.end
            self._pacer.publish()
            if feed.size > limits.MAX_OUTBOX_BYTES + limits.FEED_SLACK:
                self._shorten()

    def _shorten(self) -> None:
        """Let streams that lag in the feed fall behind, and trim the feed for the others."""
        self._fall_behind(s for s in self.streams if s.delivery.lag > limits.MAX_OUTBOX_BYTES)
        needs = (stream.delivery.needs for stream in self.streams)
        self.feed.trim(min((each for each in needs if each is not None), default=self.feed.end))

    def _fall_behind(self, streams: Iterable[Stream]) -> None:
        for stream in streams:
            if stream.delivery.live:
                stream.delivery.fall_behind(self.head)
                self.catch_up.add(stream)
