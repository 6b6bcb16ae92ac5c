"""Events that are not stored: arrivals, departures, and typing."""

from __future__ import annotations

from collections.abc import Collection

from chat_grpc.core import limits
from chat_grpc.core.clients import Clients
from chat_grpc.core.clock import Clock
from chat_grpc.core.events import encode
from chat_grpc.core.fan_out import FanOut
from chat_grpc.core.intake import Intake, direct_channels
from chat_grpc.core.moderation import Moderation
from chat_grpc.core.parts import Passing
from chat_grpc.core.presence import Presence
from chat_grpc.core.stream import LOBBY_CHANNEL, Stream
from chat_grpc.core.subscriptions import Subscriptions
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2


class Announcer:
    """Sends events that are not stored to streams, at a bounded cost. Belongs to the event loop."""

    def __init__(
        self,
        *,
        fan_out: FanOut,
        subscriptions: Subscriptions,
        clients: Clients,
        intake: Intake,
        presence: Presence,
        moderation: Moderation,
        clock: Clock,
    ) -> None:
        self._fan_out = fan_out
        self._subscriptions = subscriptions
        self._clients = clients
        self._intake = intake
        self._presence = presence
        self._moderation = moderation
        self._clock = clock
        self._tell_presence_at = 0.0
        """The earliest time of the next presence announcement, on the loop's clock."""

    def presence(self) -> None:
        """Announce arrivals and departures, in at most `limits.PRESENCE_RATE` responses a second.

        The rate is an average. Above `limits.PRESENCE_BUDGET` events, only tell each stream to list
        the clients again.
        """
        now, fan_out = self._clock.monotonic(), self._fan_out
        if now < self._tell_presence_at:
            return
        due = self._presence.due(now)
        if not due or not fan_out.streams:
            return
        self._tell_presence_at = now + len(fan_out.streams) / limits.PRESENCE_RATE
        if len(due) * len(fan_out.streams) > limits.PRESENCE_BUDGET:
            self._list_again()
            return
        changes = self._presence.encoded(due, self._clock.nanoseconds())
        everyone = b"".join(changes.values())
        self.broadcast(everyone, skip=changes.keys())
        end = 0
        for number, told in changes.items():
            start, end = end, end + len(told)
            others = everyone[:start] + everyone[end:]
            # None if the name became free before the departure was announced.
            client = self._clients.get(number)
            if others and client is not None:
                fan_out.to_each(client.streams, Passing(others))
        fan_out.flush()

    def _list_again(self) -> None:
        """Tell each live stream to list the clients again; tell a lagging one when it is live."""
        lagging = self._fan_out.catch_up.streams
        for stream in lagging:
            if (state := stream.delivery.catching_up) is not None:
                state.fell_behind = True
        missing = self._presence.some_missing(self._fan_out.head, self._clock.nanoseconds())
        self._fan_out.to_all(Passing(missing), but=lagging)
        self._fan_out.flush()

    def broadcast(self, encoded: bytes, skip: Collection[int] = ()) -> None:
        """Send events that are not stored to every stream except those of some users."""
        clients = filter(None, map(self._clients.get, skip))
        skipped = {stream: None for client in clients for stream in client.streams}
        self._fan_out.to_all(Passing(encoded), but=skipped)
        self._fan_out.flush()

    def typing(self, stream: Stream, to: User | str) -> None:
        """Tell the others of a conversation that a stream's user is typing.

        Does nothing if they were notified recently; see `Stream.types`. Raises the errors of
        `Intake.into` and `Intake.check_direct`, and `Muted`.
        """
        author = stream.user
        event = chat_pb2.Event()
        event.typing.author.number, event.typing.author.name = author.number, author.name
        if isinstance(to, User):
            channel = f"@{to.number}"
            self._intake.check_direct(author, direct_channels(author, to))
        else:
            (channel,), _ = self._intake.into(to, author)
            event.typing.room = self._intake.room_name(channel)
        self._moderation.check_mute(author.number, channel, self._clock.seconds())
        if not stream.types(channel, self._clock.monotonic()):
            return
        event.time.FromNanoseconds(self._clock.nanoseconds())
        if channel == LOBBY_CHANNEL:
            self.broadcast(encode(event), skip=(author.number,))
        else:
            followers = self._subscriptions.followers((channel,))
            others = (stream for stream in followers if stream.user != author)
            self._fan_out.to_each(others, Passing(encode(event)))
            self._fan_out.flush()
