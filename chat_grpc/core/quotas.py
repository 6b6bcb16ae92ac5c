"""Quotas: how much a user and an address may ask of the server.

`docs/limits.md` lists the limits with their defaults and reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from math import inf
from typing import Final

from chat_grpc.core.buckets import ADDRESS_SHARE, MAX_KEYS, Buckets, Rate
from chat_grpc.core.errors import RateLimited, TooManyStreams
from chat_grpc.core.networks import UNIX, Networks, network_of

LOOPBACK: Final = ("127.0.0.0/8", "::1", UNIX)
"""The addresses of this machine."""

BURST_SECONDS: Final = 10.0
"""Seconds of a rate that may be used at once, for the limits without a burst of their own."""

GUEST_BURST_MINUTES: Final = 10.0
"""Minutes of `guests_per_minute` that may be used at once: a class arrives together."""

ROOM_BURST: Final = 30
"""Rooms that a user may create at once."""

PASSWORD_BURST_MINUTES: Final = 1.0
"""Minutes of `passwords_per_minute` that may be used at once."""

_BYTES: Final = 256
"""Bytes of a token if only bytes are limited."""

REFUSED_BURST: Final = 5
"""A stream ends after about this many times `message_burst` refused requests at once."""

PENALTY: Final = 10.0
"""Seconds for which a user who insisted opens no stream."""

MESSAGE_COSTS: Final = {
    "send": 1.0,
    "edit": 1.0,
    "delete_message": 1.0,
    "react": 1.0,
    "mark_read": 0.25,
    "set_typing": 0.25,
}
"""The cost of each request of a stream, in messages.

The first four are a commit and a fan-out each. A read marker is stored once in 2 seconds, and a
typing event forwarded once in a second, however many come: most only have to be parsed.
"""

INVITATION_COST: Final = 4.0
"""The cost of an invitation, in messages: it reaches a user who did not ask for it."""

SEARCH_COST: Final = 5.0
"""The cost of a search, in queries: it may read for half a second."""

MUTES_COST: Final = 5.0
"""The cost of a list of mutes, in queries: it reads all mutes of a room, with their entries."""

EXPORT_COST: Final = 100.0
"""The cost of an export, in queries: it reads the whole log, in many small steps."""


ABUSE_COST: Final = 100.0
"""The cost of a connection that broke a limit, in new connections."""

REFUSALS_PER_SECOND, REFUSAL_BURST = 20.0, 20
"""The answers to refused calls that a user gets in the long run, and at once.

A refusal costs the event loop about 0.1 ms. A caller who does not wait for `retry_after` would get
10,000 of them a second, and keep the loop busy.
"""

LATEST_REFUSAL: Final = 10.0
"""Maximum number of seconds for which a refusal is held back.

It bounds the held calls, too: 200 of a user and 1,600 of an address. A client with the 100 calls
that a connection may have open waits for 5 seconds.
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of a server, as its options of the same names set them. 0 lifts one."""

    messages_per_second: float = 20.0
    message_burst: int = 200
    bytes_per_second: int = 65_536
    received_bytes_per_second: int = 1_048_576
    queries_per_second: float = 50.0
    rooms_per_minute: float = 10.0
    passwords_per_minute: float = 10.0
    guests_per_minute: float = 30.0
    connects_per_second: float = 20.0
    streams_per_user: int = 32
    streams_per_address: int = 256
    rooms_per_user: int = 100
    members_per_room: int = 10_000
    invitations_per_room: int = 1000
    reactions_per_message: int = 50
    silent_calls_per_address: int = 2048
    side_streams_per_address: int = 32
    resets_per_second: float = 50.0
    control_frames_per_second: float = 200.0

    @property
    def burst_seconds(self) -> float:
        """The seconds of the message rate that may be used at once."""
        if self.messages_per_second:
            return self.message_burst / self.messages_per_second
        return BURST_SECONDS

    @property
    def byte_burst(self) -> int:
        """The bytes that may be sent at once."""
        return min(int(self.bytes_per_second * self.burst_seconds), 2**62)

    @property
    def query_burst(self) -> int:
        """The lists that may be asked for at once."""
        return min(int(self.queries_per_second * BURST_SECONDS), 2**31 - 1)


class Quotas:
    """Counts what users and addresses ask, and refuses what is over a limit.

    The addresses of `exempt` have no limits of an address; their users have those of a user. Each
    check costs at most two look-ups, and memory is bounded (`Buckets`). Belongs to the event loop.
    """

    def __init__(
        self, quota: Quota, clock: Callable[[], float], exempt: Networks | None = None
    ) -> None:
        """`clock` returns monotonic seconds. By default the addresses of `LOOPBACK` are exempt."""
        self.quota = quota
        self.refusals: Counter[str] = Counter()
        """The number of refused requests, calls and connections, by the option of the limit."""
        self._clock = clock
        self._exempt = Networks(LOOPBACK) if exempt is None else exempt
        self._network = lru_cache(MAX_KEYS)(self._counted)
        self._streams: Counter[str] = Counter()
        """The number of open streams, by network."""
        self._byte_cost = 1.0 / _BYTES
        self._message_cost = 0.0
        if quota.messages_per_second:
            rate, burst = quota.messages_per_second, float(quota.message_burst)
            self._message_cost = 1.0
            self._byte_cost = rate / quota.bytes_per_second if quota.bytes_per_second else 0.0
        else:
            rate = quota.bytes_per_second / _BYTES
            burst = rate * BURST_SECONDS
        self._counts_messages = rate > 0.0
        self._messages = Rate("messages_per_second", "messages a second", rate, burst)
        self._refused: Buckets[int] = Buckets(rate, REFUSED_BURST * burst)
        """Refused requests of streams, by user."""
        self._queries = _per_second("queries_per_second", "lists a second", quota)
        self._rooms = Rate(
            "rooms_per_minute", "new rooms a minute", quota.rooms_per_minute / 60, ROOM_BURST
        )
        rate = quota.passwords_per_minute / 60
        burst = quota.passwords_per_minute * PASSWORD_BURST_MINUTES
        self._passwords = Rate("passwords_per_minute", "passwords a minute", rate, burst)
        rate = quota.guests_per_minute / 60
        burst = quota.guests_per_minute * GUEST_BURST_MINUTES
        self._guests = Rate("guests_per_minute", "new guests a minute", rate, burst, share=1)
        self._connects = _per_second("connects_per_second", "new streams a second", quota, share=1)
        # A status, which only a call can have, says more than a closed connection: so the streams
        # are refused first, and connections are closed only in a storm.
        self._connections = _per_second(
            "connects_per_second", "new connections a second", quota, share=2
        )
        self._received = _per_second(
            "received_bytes_per_second", "received bytes a second", quota, share=1
        )
        self._late = Rate("", "", REFUSALS_PER_SECOND, REFUSAL_BURST)
        """The answers to refused calls."""
        rates = (
            *(self._received, self._late),
            *(self._messages, self._queries, self._rooms, self._passwords),
            *(self._guests, self._connects, self._connections),
        )
        self._buckets = [each for rate in rates for each in (rate.by_user, rate.by_address)]
        self._sweeps = cycle([*(each.sweep for each in self._buckets), self._refused.sweep])

    def refuse(self, name: str) -> None:
        """Count a refusal that was decided elsewhere, by the name of its limit."""
        self.refusals[name] += 1

    @property
    def key_count(self) -> int:
        """The number of buckets of users and addresses that are in memory."""
        return sum(map(len, self._buckets)) + len(self._refused)

    def _counted(self, address: str) -> str:
        return "" if address in self._exempt else network_of(address)

    def sweep(self) -> None:
        """Forget some of the users and addresses that are idle. Call it every 0.1 s."""
        next(self._sweeps)(self._clock())

    # ------------------------------------------------------------ rates

    def request(self, kind: str | None, size: int, number: int, address: str) -> None:
        """Count a request of a stream. Raises `RateLimited`.

        `kind` is the name of the request, `size` its bytes, `number` its user.
        """
        cost = MESSAGE_COSTS.get(kind, 1.0) if kind is not None else 1.0
        if self._counts_messages:
            self.message(cost, size, number, address)

    def message(self, cost: float, size: int, number: int, address: str) -> None:
        """Count a request that writes. Raises `RateLimited`.

        It takes `cost` messages, or more if its bytes take more of `bytes_per_second` than that
        takes of `messages_per_second`.
        """
        cost *= self._message_cost
        if large := (by_size := size * self._byte_cost) > cost:
            cost = by_size
        rate, now = self._messages, self._clock()
        if wait := rate.take(number, self._network(address), now, cost):
            name, words = ("bytes_per_second", "bytes a second") if large else (None, "")
            raise self._over(rate, wait, number, now, name or rate.name, words or rate.words)

    def query(self, cost: float, number: int, address: str) -> None:
        """Count a call that reads; `number` is 0 without a user. Raises `RateLimited`.

        All calls of an address without a user count as those of one user.
        """
        user = number or self._network(address)
        self._take(
            self._queries, user, address, cost, "a user" if number else "an address without a token"
        )

    def room(self, number: int, address: str) -> None:
        """Count an attempt to create a room. Raises `RateLimited`."""
        self._take(self._rooms, number, address)

    def password(self, key: str, address: str) -> None:
        """Count a password that is to be checked or set. Raises `RateLimited`.

        `key` is that of the user's name, empty if there is none yet. A name without an account
        counts alike: a refusal must not tell which names exist.
        """
        self._take(self._passwords, key, address)

    def guest(self, address: str) -> None:
        """Count an attempt to make a guest. Raises `RateLimited`."""
        self._take(self._guests, 0, address)

    def connect(self, address: str) -> None:
        """Count a `Connect` call. Raises `RateLimited`."""
        self._take(self._connects, 0, address)

    def connection(self, address: str) -> bool:
        """Count a new connection; return False if it is to be closed."""
        try:
            self._take(self._connections, 0, address)
        except RateLimited:
            return False
        return True

    def meter(self, address: str) -> Callable[[int], float] | None:
        """Return a function that counts received bytes of an address; None if it has no limit.

        It returns the seconds until the transport may read from the address again.
        """
        network = self._network(address)
        if not network or not self.quota.received_bytes_per_second:
            return None
        received, clock, refusals = self._received.by_address, self._clock, self.refusals

        def count(size: int) -> float:
            if wait := received.spend(network, clock(), size):
                refusals["received_bytes_per_second"] += 1
            return wait

        return count

    def abused(self, address: str) -> None:
        """Count a connection that broke a limit as `ABUSE_COST` new ones of its address.

        Otherwise an address could use the bursts again with each new connection.
        """
        if network := self._network(address):
            self._connections.by_address.take(network, self._clock(), ABUSE_COST)

    def _take(
        self, rate: Rate, user: int | str, address: str, cost: float = 1.0, who: str = "a user"
    ) -> None:
        """Count for a user and an address; `who` is the user in the error."""
        now = self._clock()
        if wait := rate.take(user, self._network(address), now, cost):
            raise self._over(rate, wait, user, now, rate.name, rate.words, who)

    def _over(
        self,
        rate: Rate,
        wait: float,
        user: int | str,
        now: float,
        name: str,
        words: str,
        who: str = "a user",
    ) -> RateLimited:
        self.refusals[name] += 1
        of_user = user and rate.by_user.wait(user, now)
        most = getattr(self.quota, name) * (1 if of_user else rate.share)
        return RateLimited(
            f"At most {most:g} {words} are accepted from {who if of_user else 'an address'}; "
            f"try again in {wait:.1f} seconds.",
            metadata={"limit": name, name: f"{most:g}"},
            retry_after=wait,
        )

    # ------------------------------------------------------------ those who insist

    def delay(self, number: int, address: str) -> float:
        """Count a refused call; return the seconds for which its answer is to be held back.

        A caller who is refused now and then is answered at once. The answers to one who insists
        follow one another at a rate, whether the calls come one by one or a thousand at a time.
        Return infinity, and do not count, if too many are held already. `number` is 0 without a
        user: all such calls of an address count as those of one user.
        """
        network, now = self._network(address), self._clock()
        user = number or network
        if (wait := self._late.wait(user, network, now)) > LATEST_REFUSAL:
            return inf
        self._late.spend(user, network, now)
        return wait

    def insists(self, number: int) -> RateLimited | None:
        """Count a refused request of a stream; return an error if the stream is to end."""
        now = self._clock()
        if not self._refused.take(number, now):
            return None
        # From here on the user is in debt, which `may_open` sees.
        self._refused.owe(number, now, PENALTY)
        return self._insisted(PENALTY)

    def may_open(self, number: int) -> None:
        """Raise `RateLimited` if a user's last stream ended because it insisted."""
        if wait := self._refused.wait(number, self._clock()):
            self.refusals["messages_per_second"] += 1
            raise self._insisted(wait)

    def _insisted(self, wait: float) -> RateLimited:
        return RateLimited(
            "Too many requests were sent after others had been refused for their rate; "
            f"connect again in {wait:.0f} seconds, and wait for `retry_after` of each refusal.",
            metadata={"limit": "messages_per_second"},
            retry_after=wait,
        )

    # ------------------------------------------------------------ streams

    def check_streams(self, count: int) -> None:
        """Raise `TooManyStreams` if a user with `count` open streams may open no more."""
        most = self.quota.streams_per_user
        if most and count >= most:
            raise self._too_many("streams_per_user", count, "a user")

    def open_stream(self, address: str, replaced: int) -> None:
        """Count a stream; `close_stream` must follow. Raises `TooManyStreams`.

        `replaced` is the number of open streams of the address that end when it opens.
        """
        if network := self._network(address):
            most, count = self.quota.streams_per_address, self._streams[network] - replaced
            if most and count >= most:
                raise self._too_many("streams_per_address", count, "an address")
            self._streams[network] += 1

    def close_stream(self, address: str) -> None:
        """Count a stream no longer."""
        if network := self._network(address):
            self._streams[network] -= 1
            if not self._streams[network]:
                del self._streams[network]

    def _too_many(self, name: str, count: int, whose: str) -> TooManyStreams:
        self.refusals[name] += 1
        return TooManyStreams(
            f"{count} streams are open, the maximum for {whose}; close one of them.",
            metadata={"limit": name, name: str(getattr(self.quota, name))},
            retry_after=5.0,
        )

    @property
    def stream_counts(self) -> Counter[str]:
        """The number of open streams of each network that is counted."""
        return self._streams


def _per_second(name: str, words: str, quota: Quota, share: int = ADDRESS_SHARE) -> Rate:
    rate = getattr(quota, name)
    return Rate(name, words, rate, rate * BURST_SECONDS, share)
