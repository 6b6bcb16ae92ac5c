"""The hub: the open streams of one node, and the delivery of stored events to them."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial

from chat_grpc.core import limits
from chat_grpc.core.account_changes import DELETED, REMOVED, AccountChanged, token_revoked
from chat_grpc.core.accounts import Accounts
from chat_grpc.core.activity import Activity
from chat_grpc.core.announcer import Announcer
from chat_grpc.core.blocks import Blocks
from chat_grpc.core.caller import Caller
from chat_grpc.core.catch_up import CatchUp, ReadBlock, ReadPage
from chat_grpc.core.clients import Clients
from chat_grpc.core.clock import Clock
from chat_grpc.core.delivery import Delivery, Pacing, Prompt, Write
from chat_grpc.core.entry import MESSAGE, Entry
from chat_grpc.core.errors import ChatError, Replaced, WriteFailed, account_ended
from chat_grpc.core.events import encode_sent
from chat_grpc.core.explain import DeliveryState, StoredEvent, may_receive, state_of
from chat_grpc.core.fan_out import FanOut
from chat_grpc.core.feed import Feed
from chat_grpc.core.intake import Intake
from chat_grpc.core.moderation import Ban, Kicking, Moderated, Moderation, kicked
from chat_grpc.core.networks import Networks
from chat_grpc.core.parts import Answer, Stored
from chat_grpc.core.presence import Presence
from chat_grpc.core.quotas import Quota, Quotas
from chat_grpc.core.rates import Counts, Rates
from chat_grpc.core.room_rules import DELETED as ROOM_DELETED
from chat_grpc.core.room_rules import channel_of
from chat_grpc.core.rooms import Rooms
from chat_grpc.core.senders import Senders
from chat_grpc.core.stream import LOBBY_CHANNEL, Range, Stream
from chat_grpc.core.subscriptions import Subscriptions
from chat_grpc.core.turns import in_turns
from chat_grpc.core.user import User

_LOG = logging.getLogger("chat_grpc.core")


class Hub:
    """The chat of one node.

    Belongs to the event loop and needs no locks. Nothing in it blocks or awaits.

    Order: each stream gets stored events by ascending sequence, and the answers to its own
    requests in the order of the log. An event is delivered only once the log has it.
    """

    def __init__(
        self,
        *,
        append: Callable[[Entry], None],
        head: int,
        pacer: Pacing,
        presence: Presence,
        rooms: Rooms,
        read_page: ReadPage,
        read_block: ReadBlock,
        oldest: Callable[[], int],
        refuse: Callable[[str, ChatError, int], bytes],
        clock: Clock,
        accounts: Accounts | None = None,
        blocks: Blocks | None = None,
        moderation: Moderation | None = None,
        quotas: Quotas | None = None,
    ) -> None:
        """`append` gives an entry to the log and returns at once; `deliver` gets it back.

        `head` is the newest sequence of the log, `oldest` returns the oldest that is kept.
        `read_page` and `read_block` read the log. `refuse` encodes the `rejected` event of a
        request id, an error, and when the request was taken, in nanoseconds since 1970.
        `accounts`, `blocks` and `moderation` are those at `head`; None for none. `quotas` are the
        default ones if they are not given.
        """
        self._refuse = refuse
        self.pacer = pacer
        self.presence = presence
        self.rooms = rooms
        self.clock = clock
        self.accounts = accounts if accounts is not None else Accounts()
        self.blocks = blocks if blocks is not None else Blocks()
        self.moderation = moderation if moderation is not None else Moderation()
        """The bans and mutes."""
        self.quotas = Quotas(Quota(), clock.monotonic) if quotas is None else quotas
        """Limits what users and addresses ask."""
        self.activity = Activity()
        """What the console tells."""
        self._messages = 0
        """The number of stored messages since the start."""
        self.clients = Clients(clock.monotonic, self.accounts)
        self._subscriptions = Subscriptions(self.clients, rooms, clock.monotonic)
        self._fan_out = FanOut(
            pacer,
            head=head,
            read_page=read_page,
            read_block=read_block,
            oldest=oldest,
            nanoseconds=clock.nanoseconds,
        )
        self.intake = Intake(
            append=append,
            rooms=rooms,
            blocks=self.blocks,
            head=lambda: self.head,
            nanoseconds=clock.nanoseconds,
            moderation=self.moderation,
        )
        """Takes messages and changes; their outcomes come to `deliver`."""
        self._announcer = Announcer(
            fan_out=self._fan_out,
            subscriptions=self._subscriptions,
            clients=self.clients,
            intake=self.intake,
            presence=presence,
            moderation=self.moderation,
            clock=clock,
        )
        self.rates = Rates(self.counts, clock.monotonic)
        """The rates of the last seconds; to be sampled once a second."""
        self._stream_numbers = itertools.count(1)
        self._senders = Senders()
        self.draining = False
        """True once the server refuses new streams."""

    @property
    def head(self) -> int:
        """The newest sequence that was delivered."""
        return self._fan_out.head

    @property
    def feed(self) -> Feed:
        """The events for all live streams, as far as some have not taken them."""
        return self._fan_out.feed

    @property
    def streams(self) -> dict[Stream, None]:
        """The open streams, the oldest first. Read only."""
        return self._fan_out.streams

    @property
    def stored(self) -> int:
        """The number of stored events since the start."""
        return self._fan_out.stored

    @property
    def deliveries(self) -> int:
        """The number of stored events given to live streams since the start."""
        return self._fan_out.deliveries

    def counts(self) -> Counts:
        """Return the counts of events and responses since the start."""
        return Counts(self.stored, self.deliveries, self.pacer.responses, self._messages)

    @property
    def catch_up(self) -> CatchUp:
        """The readers of the log, which must be started and stopped."""
        return self._fan_out.catch_up

    # ------------------------------------------------------------ streams

    def open(
        self,
        caller: Caller,
        write: Write,
        *,
        device_id: str,
        agent: str,
        cancel: Callable[[], object],
        past: Iterable[Range] = (),
        prompt: Prompt | None = None,
    ) -> Stream:
        """Open a stream; `begin` must follow in the same step of the loop.

        `write` writes one response. `cancel` interrupts the handler of the call, which then ends
        the call with `Stream.ending` and calls `close`. `past` are the ranges of the rooms that the
        user left, as the store has them. Another stream of the same device ends with `Replaced`.
        If another user has the caller's name, the stream's user has a name with a suffix.
        """
        client = self.clients.hold(caller.user)
        if device_id:
            for other in client.streams:
                if other.device_id == device_id:
                    other.end(Replaced("The same device opened another stream."))
        now = self.clock.seconds()
        stream = Stream(
            caller if caller.user is client.user else replace(caller, identity=client.user),
            number=next(self._stream_numbers),
            device_id=device_id,
            agent=agent,
            opened=now,
            cancel=cancel,
            reply=self._reply,
        )
        stream.delivery = Delivery(
            self.feed,
            self.pacer,
            write,
            now=self.clock.monotonic(),
            head=self.head,
            on_empty=partial(self.catch_up.next, stream),
            on_error=partial(self._write_failed, stream),
            prompt=prompt,
        )
        if not client.streams:
            self.clients.came(client.user.number)
            self.presence.came(client)
        client.add(stream)
        self._fan_out.add(stream)
        self._subscriptions.add(stream, past)
        return stream

    def explain(self, stream: Stream, event: StoredEvent) -> DeliveryState | None:
        """Return the state of a stored event on a stream; None if the stream may not receive it."""
        if not may_receive(stream, event):
            return None
        sender = self._senders.find(event.sequence)
        return state_of(stream, event, head=self.head, sender=sender)

    def begin(self, stream: Stream, after: int | None) -> None:
        """Give a stream all events after a sequence, or from now on; then `caught_up`."""
        self._fan_out.begin(stream, after)

    def close(self, stream: Stream) -> None:
        """Forget a stream that ended."""
        self._fan_out.remove(stream)
        self._subscriptions.remove(stream)
        client = self.clients[stream.user.number]
        client.remove(stream)
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        if not client.streams:
            self.clients.went(client.user.number)
            self.presence.went(client)

    def end_streams(
        self, number: int, error: ChatError, tokens: Collection[bytes] | None = None
    ) -> int:
        """End the streams of a user with an error; return how many.

        `tokens` are the digests of tokens whose streams end; None ends all streams of the user.
        A stream ends within the present step of the loop; its client gets the status.
        """
        client = self.clients.get(number)
        ending = [
            stream
            for stream in (client.streams if client is not None else ())
            if tokens is None or stream.caller.token_digest in tokens
        ]
        for stream in ending:
            stream.end(error)
        return len(ending)

    def _write_failed(self, stream: Stream, error: Exception) -> None:
        """End a stream whose transport refused a response, unless it ends already."""
        if stream.ending is None and not stream.delivery.closed:
            # A peer that left needs no log line: the transport also ends the call.
            level = logging.DEBUG if isinstance(error, ConnectionError) else logging.WARNING
            number, kind = stream.user.number, type(error).__name__
            _LOG.log(level, "write failed, stream ends: user %d, %s: %s", number, kind, error)
            stream.end(WriteFailed("A response could not be written; connect again and resume."))

    def tell(self, stream: Stream, encoded: bytes) -> None:
        """Send a stream encoded events for this stream alone; they are never dropped."""
        self._fan_out.to_each((stream,), Answer(encoded))
        self._fan_out.flush()

    def typing(self, stream: Stream, to: User | str) -> None:
        """Tell the others of a conversation that a stream's user is typing.

        Does nothing if they were notified recently. Raises as `Intake.submit` does.
        """
        self._announcer.typing(stream, to)

    def walk(self) -> AsyncIterator[Stream]:
        """Yield the streams that are open now, in turns with the rest of the event loop."""
        return in_turns(list(self.streams), self.clock.monotonic)

    def tick(self) -> None:
        """Release what expired, and announce arrivals and departures. Call it every 0.1 s."""
        self._subscriptions.expire()
        self._announcer.presence()
        self.clients.free()
        self.quotas.sweep()

    def was_stopped(self, seconds: float) -> None:
        """Extend each deadline by a time in which the process did not run.

        Nobody could come back, or read, while it was stopped (SIGSTOP, a suspended machine).
        """
        self.presence.extend(seconds)
        self.clients.extend(seconds)
        for stream in self.streams:
            stream.delivery.extend(seconds)

    # ------------------------------------------------------------ outcomes

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Give a batch of stored events to the streams that see them, and settle its waiters.

        `entries` are in the order of the log.
        """
        senders: dict[Stream, None] = {}
        for entry in entries:
            waiter = entry.waiter
            sender = waiter.stream if waiter is not None else None
            recipients = self._deliver_stored(entry, sender) if entry.outcome.stored else 0
            if waiter is not None:
                waiter.settle(entry, recipients)
            if sender is not None:
                senders[sender] = None
            self.intake.settled(entry.command)
        self._fan_out.flush()
        for stream in senders:
            if len(stream.own) > 2 * limits.MAX_UNANSWERED:
                self._fan_out.bound_own(stream)

    def _deliver_stored(self, entry: Entry, sender: Stream | None) -> int:
        """Give a stored event to the streams that see it; return how many are streams of others.

        For a message to oneself these are the author's other streams.

        `sender` is the stream that made the command.
        """
        outcome, fan_out = entry.outcome, self._fan_out
        fan_out.store(outcome)
        if outcome.account is not None:
            return self._apply_account(outcome.account)
        if entry.command.kind == MESSAGE:
            self._messages += 1
        else:
            sender = None  # only a message is not sent to the stream that sent it
        if sender is not None:
            sender.stored(outcome.sequence)
            self._senders.note(outcome.sequence, sender.number)
        part = Stored(outcome.encoded, outcome.sequence)
        if outcome.channels == (LOBBY_CHANNEL,):
            fan_out.to_all(part, but=() if sender is None else (sender,))
            return len(fan_out.streams) - self._stream_count(entry.command.author)
        followers = self._subscriptions.followers(outcome.channels)
        fan_out.to_each((stream for stream in followers if stream is not sender), part)
        if outcome.room is not None:
            self._subscriptions.apply(outcome.room, outcome.sequence)
            if outcome.room.change == ROOM_DELETED:
                self.moderation.forget_room(channel_of(outcome.room.key))
        author = entry.command.author
        if outcome.channels == (f"@{author}",):
            return len(followers) - (sender in followers)
        return sum(stream.user.number != author for stream in followers)

    def _apply_account(self, changed: AccountChanged) -> int:
        """Apply a change of accounts; return how many streams a kick or a ban ends."""
        if changed.moderated is not None:
            return self._moderate(changed.moderated)
        self.accounts.apply(changed)
        self.blocks.apply(changed)
        if (user := changed.user) is not None:
            self.clients.changed(user)
            if changed.what in (REMOVED, DELETED):
                self.end_streams(user.number, account_ended(), (b"",))  # those of a certificate
            tokens = None if changed.what == DELETED else changed.ended
            self.end_streams(user.number, token_revoked(), tokens)
        return 0

    def _moderate(self, changed: Moderated) -> int:
        """Apply a kick, ban or mute, and end the streams that it concerns; return how many."""
        now = self.clock.seconds()
        self.moderation.apply(changed, now)
        match changed:
            case Kicking(user, reason):
                return self.end_streams(user, kicked(reason))
            case Ban(user=user) if user:
                return self.end_streams(user, changed.error(now))
            case Ban(network=network):
                network_banned = Networks((network,))
                inside = [each for each in self.streams if each.caller.peer in network_banned]
                for stream in inside:
                    stream.end(changed.error(now))
                return len(inside)
        return 0

    def _stream_count(self, number: int) -> int:
        client = self.clients.get(number)
        return len(client.streams) if client is not None else 0

    def _reply(self, stream: Stream, entry: Entry) -> None:
        """Send a stream the answer to one of its requests, after the events before it."""
        request_id, outcome = entry.command.key.request_id, entry.outcome
        if outcome.error is not None:
            self.activity.refused(outcome.error, stream.caller.peer)
            answer = self._refuse(request_id, outcome.error, outcome.time)
        else:
            answer = encode_sent(
                request_id.encode(), outcome.sequence, outcome.time, duplicate=outcome.duplicate
            )
        self._fan_out.to_each((stream,), Answer(answer))
