"""One open `Connect` call, and the client that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.delivery import Delivery
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import ChatError
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

FOREVER = 2**62
"""Stands for no upper bound where a sequence is expected."""

Range = tuple[str, int, int]
"""A range of the log: a channel, after a sequence, up to a sequence."""

LOBBY_CHANNEL = "#lobby"


class Stream:
    """One open stream: its caller, visible ranges, and requests. Belongs to the event loop."""

    __slots__ = (
        "_reply",
        "_space",
        "agent",
        "begins_after",
        "caller",
        "cancel",
        "delivery",
        "device_id",
        "ending",
        "number",
        "opened",
        "own",
        "ranges",
        "typed",
        "unanswered",
        "user",
    )

    delivery: Delivery
    """The delivery of events to it. The hub sets it when it opens the stream."""

    def __init__(
        self,
        caller: Caller,
        *,
        number: int = 0,
        device_id: str,
        agent: str,
        opened: float,
        cancel: Callable[[], object],
        reply: Callable[[Stream, Entry], object],
    ) -> None:
        """`reply` sends the stream the answer to one of its requests."""
        self.caller = caller
        self.number = number
        """Identifies the stream among those of this start of the server."""
        self.begins_after = 0
        """The sequence after which it gets stored events."""
        self.user = user = caller.user
        self.device_id = device_id
        self.agent = agent
        self.opened = opened
        """The time when it opened, in seconds since 1970."""
        self.cancel = cancel
        """Interrupts the call's handler, which then ends the call with `ending`."""
        self.ending: ChatError | None = None
        """The error with which the server ends the stream; None until then."""
        self.ranges: dict[str, list[tuple[int, int]]] = {
            LOBBY_CHANNEL: [(0, FOREVER)],
            f"@{user.number}": [(0, FOREVER)],
        }
        """The ranges that it may see, by channel: after a sequence, up to a sequence."""
        self.typed: dict[str, float] | None = None
        """The times of the last typing events that were forwarded, by channel, on the loop's
        clock."""
        self.own: set[int] = set()
        """Sequences of messages that it sent: if it reads them in the log, they are left out."""
        self._reply = reply
        self.unanswered = 0
        """The number of requests that wait for the log."""
        self._space: asyncio.Future[None] | None = None
        """Set when `may_submit` waits."""

    def identify(self, user: User) -> None:
        """Note that its user became an account, or has another spelling of the name."""
        self.user = user
        self.caller = replace(self.caller, identity=user)

    def wanted(self, after: int, up_to: int) -> list[Range]:
        """Return the ranges of the log between two sequences that it may see."""
        return [
            (channel, max(after, low), min(up_to, high))
            for channel, ranges in self.ranges.items()
            for low, high in ranges
            if high > after and low < up_to
        ]

    def joined(self, channel: str, sequence: int) -> None:
        """Let it see a channel after a sequence."""
        self.ranges.setdefault(channel, []).append((sequence, FOREVER))

    def left(self, channel: str, sequence: int) -> None:
        """Let it see a channel only before a sequence."""
        low, _ = self.ranges[channel].pop()
        self.ranges[channel].append((low, sequence - 1))

    @property
    def idle(self) -> bool:
        """True if no event waits for it, and no request of it is unanswered."""
        delivery = self.delivery
        return delivery.live and not (self.unanswered or delivery.waits or delivery.scheduled)

    def end(self, error: ChatError) -> None:
        """End the stream with an error. Only the first error counts."""
        if self.ending is None:
            self.ending = error
            self.delivery.close()
            self.cancel()

    # ------------------------------------------------------------ own messages

    def stored(self, sequence: int) -> None:
        """Note the sequence of one of its messages. The hub forgets those before its position."""
        self.own.add(sequence)

    def forget_own(self, up_to: int) -> None:
        """Forget its messages up to a sequence, before which it never reads the log again."""
        if self.own:
            self.own = {sequence for sequence in self.own if sequence > up_to}
            self._release()

    # ------------------------------------------------------------ requests

    @property
    def stream(self) -> Stream:
        """The stream itself; see `Waiter.stream`."""
        return self

    def submitted(self) -> None:
        """Count a request that waits for the log; see `Waiter.submitted`."""
        self.unanswered += 1

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Answer a request, and wake the reader that waits in `may_submit`."""
        if entry.command.key.request_id or entry.outcome.error is not None:
            self._reply(self, entry)
        self.unanswered -= 1
        self._release()

    @property
    def free_to_submit(self) -> bool:
        """True if `may_submit` does not wait."""
        if len(self.own) >= limits.MAX_OWN and not self.delivery.live:
            return False
        return self.unanswered < limits.MAX_UNANSWERED

    async def may_submit(self) -> None:
        """Wait until the stream may send another request.

        At most `MAX_UNANSWERED` requests may wait for the log, and a stream that catches up may
        come across at most about `MAX_OWN` of its own messages. Only the reader of the stream may
        call it.
        """
        while not self.free_to_submit:
            self._space = asyncio.get_running_loop().create_future()
            await self._space

    def _release(self) -> None:
        if self._space is not None and not self._space.done():
            self._space.set_result(None)

    def types(self, channel: str, now: float) -> bool:
        """Return whether to forward a typing event.

        True once in `limits.TYPING_STEP` seconds for each channel, and for at most
        `limits.MAX_TYPING_CHANNELS` channels within this time.
        """
        typed = self.typed or {}
        recent = {t: at for t, at in typed.items() if now - at < limits.TYPING_STEP}
        self.typed = recent
        if channel in recent or len(recent) >= limits.MAX_TYPING_CHANNELS:
            return False
        recent[channel] = now
        return True


@dataclass(slots=True)
class Client:
    """A user who has open streams, or whose name is held."""

    user: User
    streams: list[Stream] = field(default_factory=list)
    """The open streams, the oldest first."""
    connected_since: float = 0.0
    """The time when the oldest open stream was opened, in seconds since 1970."""
    held_until: float = 0.0
    """The time when the name becomes free if no stream is open, on the loop's clock."""
    announced: bool = False
    """True after its arrival was announced, until its departure is announced."""
    listed: chat_pb2.Client | None = None
    """The item of `ListClients` for this client; None until it is asked for, and after a change."""

    def add(self, stream: Stream) -> None:
        """Add a stream that opened."""
        if not self.streams:
            self.connected_since = stream.opened
        self.streams.append(stream)
        self.listed = None

    def remove(self, stream: Stream) -> None:
        """Remove a stream that ended."""
        self.streams.remove(stream)
        if self.streams:
            self.connected_since = self.streams[0].opened
        self.listed = None
