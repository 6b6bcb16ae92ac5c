"""The throttle of failed sign-ins, by name and by address.

The scheme is OWASP's "Slow Down Online Guessing Attacks with Device Cookies", with the address in
the place of the cookie: an address from which a name signed in before has failures of its own. All
other addresses share those of the name. So a guesser cannot lock an owner out of a known address.
Each limit is a token bucket: `burst` failures at once, then one each `every` seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from chat_grpc.core.buckets import Buckets
from chat_grpc.core.errors import TooManyTries
from chat_grpc.core.networks import network_of

_MAX_KNOWN = 50_000
"""Maximum number of pairs of a name and an address that are remembered, those used last."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit of failures."""

    burst: int
    every: float
    """Seconds after which one more failure is allowed."""


NAME = Rate(5, 60.0)
"""For a name, over all addresses from which it never signed in."""
PAIR = Rate(10, 30.0)
"""For a name and an address from which it signed in before."""
ADDRESS = Rate(20, 6.0)
"""For an address, over all names. An IPv6 address counts by its /64 network."""

BEGINNINGS = Rate(10, 6.0)
"""For an address: sign-ins that begin at the issuer, also those that succeed."""


class _Limit:
    """A limit of failures for each key of one kind."""

    def __init__(self, rate: Rate) -> None:
        self._buckets: Buckets[Hashable] = Buckets(1.0 / rate.every, rate.burst)

    def wait(self, key: Hashable, now: float) -> float:
        """Return the seconds until one more failure is allowed; 0.0 if it is."""
        self._buckets.sweep(now)
        return self._buckets.wait(key, now)

    def count(self, key: Hashable, now: float) -> None:
        """Count a failure, which is allowed."""
        self._buckets.take(key, now)

    def forgive(self, key: Hashable) -> None:
        """Count a failure no longer."""
        self._buckets.give_back(key, 1.0)


class Attempt:
    """An attempt, which counts as failed until it succeeds or is taken back."""

    def __init__(self, take_back: Callable[[], None], succeed: Callable[[], None]) -> None:
        self.take_back = take_back
        """Call it if the secret was not checked: nothing is counted then."""
        self.succeeded = succeed
        """Call it once the secret was right: nothing is counted then."""


class Throttle:
    """Counts failed attempts. Belongs to the event loop.

    Attempts that run at the same time count before their end, so that they cannot go around the
    limits together.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._names, self._pairs, self._addresses = _Limit(NAME), _Limit(PAIR), _Limit(ADDRESS)
        self._old_passwords, self._beginnings = _Limit(PAIR), _Limit(BEGINNINGS)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Names and the addresses from which they signed in."""

    def sign_in(self, key: str, peer: str) -> Attempt:
        """Begin an attempt to sign in by the key of a name, from an address.

        Raises `TooManyTries`; the error is the same for a name that does not exist.
        """
        address = network_of(peer)
        pair = (key, address)
        mine = (self._pairs, pair) if pair in self._known else (self._names, key)
        attempt = self._begin(mine, (self._addresses, address))

        def succeed() -> None:
            attempt.take_back()
            self._remember(pair)

        return Attempt(attempt.take_back, succeed)

    def invite_code(self, peer: str) -> Attempt:
        """Begin an attempt with an invite code. Raises `TooManyTries`."""
        return self._begin((self._addresses, network_of(peer)))

    def id_token(self, peer: str) -> Attempt:
        """Begin an attempt with an ID token. Raises `TooManyTries`."""
        return self._begin((self._addresses, network_of(peer)))

    def begin_at_issuer(self, peer: str) -> None:
        """Count a sign-in that begins at the issuer. Raises `TooManyTries`."""
        self._begin((self._beginnings, network_of(peer)))

    def old_password(self, number: int, peer: str) -> Attempt:
        """Begin an attempt of a user who is signed in to tell the password. Raises `TooManyTries`.

        It never affects the user's sign-ins.
        """
        return self._begin((self._old_passwords, number), (self._addresses, network_of(peer)))

    def _begin(self, *counted: tuple[_Limit, Hashable]) -> Attempt:
        """Count an attempt as failed, unless a limit refuses it. Raises `TooManyTries`."""
        now = self._clock()
        for limit, key in counted:
            if wait := limit.wait(key, now):
                raise TooManyTries(
                    "Too many failed tries; wait before the next one.", retry_after=wait
                )
        for limit, key in counted:
            limit.count(key, now)

        def forgive() -> None:
            for limit, key in counted:
                limit.forgive(key)

        return Attempt(forgive, forgive)

    def _remember(self, pair: tuple[str, str]) -> None:
        self._known[pair] = None
        self._known.move_to_end(pair)
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
