"""One open `Connect` call, and the client that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import ChatError
from chat_grpc.core.limits import MAX_UNANSWERED
from chat_grpc.core.outbox import Outbox
from chat_grpc.core.user import User

FOREVER = 2**62
"""In the place of a sequence: no end."""

Range = tuple[str, int, int]
"""A part of the log: a channel, after which sequence, and up to which."""

LOBBY_CHANNEL = "#lobby"


class Stream:
    """One open stream. Belongs to the event loop."""

    __slots__ = (
        "_reply",
        "_room",
        "agent",
        "caller",
        "cancel",
        "device_id",
        "ending",
        "fell_behind",
        "opened",
        "outbox",
        "own",
        "position",
        "ranges",
        "sparse",
        "typed",
        "unanswered",
        "user",
    )

    def __init__(
        self,
        caller: Caller,
        outbox: Outbox,
        *,
        device_id: str,
        agent: str,
        opened: float,
        cancel: Callable[[], object],
        reply: Callable[[Stream, Entry], object],
    ) -> None:
        """`reply` sends the stream the answer to one of its requests."""
        self.caller = caller
        self.user = user = caller.user
        self.outbox = outbox
        self.device_id = device_id
        self.agent = agent
        self.opened = opened
        """When it opened, in seconds since 1970."""
        self.cancel = cancel
        """Interrupts the call's handler, which then ends the call with `ending`."""
        self.ending: ChatError | None = None
        """Why the server ends the stream; None while it goes on."""
        self.ranges: dict[str, list[tuple[int, int]]] = {
            LOBBY_CHANNEL: [(0, FOREVER)],
            f"@{user.number}": [(0, FOREVER)],
        }
        """What it may see: for each channel after which sequence, and up to which."""
        self.typed: dict[str, float] | None = None
        """By channel, when its user was last told to be typing there, on the loop's clock."""
        self.position: int | None = None
        """While it catches up: what it was sent of the log. None while it is live."""
        self.fell_behind = False
        """True while it catches up because it fell behind, not because it resumes."""
        self.sparse = False
        """True while it catches up and little of the log is for it."""
        self.own: set[int] = set()
        """Sequences of messages that it sent: if it reads them in the log, they are left out."""
        self._reply = reply
        self.unanswered = 0
        """Requests that wait for the log."""
        self._room: asyncio.Future[None] | None = None

    def wanted(self, after: int, up_to: int) -> list[Range]:
        """Gives the parts of the log between two sequences that it may see."""
        return [
            (channel, max(after, low), min(up_to, high))
            for channel, ranges in self.ranges.items()
            for low, high in ranges
            if high > after and low < up_to
        ]

    def joined(self, channel: str, sequence: int) -> None:
        """Lets it see a channel from a sequence on."""
        self.ranges.setdefault(channel, []).append((sequence, FOREVER))

    def left(self, channel: str, sequence: int) -> None:
        """Lets it see no more of a channel from a sequence on."""
        low, _ = self.ranges[channel].pop()
        self.ranges[channel].append((low, sequence - 1))

    @property
    def idle(self) -> bool:
        """True if nothing is on its way: no event that waits, and no request unanswered."""
        busy = self.unanswered or self.outbox.waits or self.outbox.scheduled
        return not busy and self.position is None

    def end(self, error: ChatError) -> None:
        """Ends the stream with an error; the first one counts."""
        if self.ending is None:
            self.ending = error
            self.outbox.close()
            self.cancel()

    def stored(self, sequence: int) -> None:
        """Takes note of the sequence of one of its messages; see `forget_own`."""
        self.own.add(sequence)

    def forget_own(self) -> None:
        """Lets go of what it cannot come across in the log any more: all before what waits."""
        oldest = self.outbox.first_stored() or FOREVER
        self.own = {own for own in self.own if own >= oldest}

    def types(self, channel: str, now: float) -> bool:
        """Says whether the others are to be told again that its user is typing.

        Once a `limits.TYPING_STEP` in each place, and in a few places at once.
        """
        typed = self.typed or {}
        recent = {t: at for t, at in typed.items() if now - at < limits.TYPING_STEP}
        self.typed = recent
        if channel in recent or len(recent) >= limits.MAX_TYPING_PLACES:
            return False
        recent[channel] = now
        return True

    @property
    def stream(self) -> Stream:
        """The stream itself; see `Waiter.stream`."""
        return self

    def submitted(self) -> None:
        """Count a request that waits for the log; see `Waiter.submitted`."""
        self.unanswered += 1

    def settle(self, entry: Entry, recipient_stream_count: int) -> None:
        """Answer a request, and let a reader continue that waits in `may_submit`."""
        if entry.command.key.request_id or entry.outcome.error is not None:
            self._reply(self, entry)
        self.unanswered -= 1
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    async def may_submit(self) -> None:
        """Waits until fewer than `MAX_UNANSWERED` requests wait for the log.

        One reader a stream may call it.
        """
        while self.unanswered >= MAX_UNANSWERED:
            self._room = asyncio.get_running_loop().create_future()
            await self._room


@dataclass(slots=True)
class Client:
    """A user with open streams, or one whose name is held."""

    user: User
    streams: list[Stream] = field(default_factory=list)
    """The open ones, the oldest first."""
    connected_since: float = 0.0
    """When the oldest of the open streams opened, in seconds since 1970."""
    held_until: float = 0.0
    """When the name becomes free, on the loop's clock; counts without an open stream."""
    announced: bool = False
    """True once the others were told that it joined, until they are told that it left."""
