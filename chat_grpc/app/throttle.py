"""The throttle of failed sign-ins, by name and by address.

The scheme is OWASP's "Slow Down Online Guessing Attacks with Device Cookies", with the address in
the place of the cookie: an address from which a name signed in before has failures of its own. All
other addresses share those of the name. So a guesser cannot lock an owner out of a known address.
Each limit is a token bucket (the GCRA of ATM): `burst` failures at once, then one each `every`
seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from chat_grpc.core.errors import TooManyTries
from chat_grpc.core.networks import network_of

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

_MAX_KEYS = 50_000
"""Maximum number of names and addresses that are remembered; then the oldest are forgotten."""


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


class Attempt:
    """An attempt, which counts as failed until it succeeds."""

    def __init__(self, succeed: Callable[[], None]) -> None:
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
        self._times: OrderedDict[Hashable, float] = OrderedDict()
        """The time at which a key has all of its failures allowed again, the latest used last."""
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Names and the addresses from which they signed in."""

    def sign_in(self, key: str, peer: str) -> Attempt:
        """Begin an attempt to sign in by the key of a name, from an address.

        Raises `TooManyTries`; the error is the same for a name that does not exist.
        """
        address = network_of(peer)
        pair = (key, address)
        mine = (pair, PAIR) if pair in self._known else (("name", key), NAME)
        charged = self._charge(mine, (("address", address), ADDRESS))

        def succeed() -> None:
            self._refund(charged)
            _remember(self._known, pair, None)

        return Attempt(succeed)

    def invite_code(self, peer: str) -> Attempt:
        """Begin an attempt with an invite code. Raises `TooManyTries`."""
        charged = self._charge((("address", network_of(peer)), ADDRESS))
        return Attempt(lambda: self._refund(charged))

    def id_token(self, peer: str) -> Attempt:
        """Begin an attempt with an ID token. Raises `TooManyTries`."""
        charged = self._charge((("address", network_of(peer)), ADDRESS))
        return Attempt(lambda: self._refund(charged))

    def begin_at_issuer(self, peer: str) -> None:
        """Count a sign-in that begins at the issuer. Raises `TooManyTries`."""
        self._charge((("begin", network_of(peer)), BEGINNINGS))

    def old_password(self, number: int, peer: str) -> Attempt:
        """Begin an attempt of a user who is signed in to tell the password. Raises `TooManyTries`.

        It never affects the user's sign-ins.
        """
        charged = self._charge(
            (("old password", number), PAIR), (("address", network_of(peer)), ADDRESS)
        )
        return Attempt(lambda: self._refund(charged))

    def _charge(self, *limits: tuple[Hashable, Rate]) -> list[tuple[Hashable, float]]:
        now = self._clock()
        for key, rate in limits:
            wait = self._times.get(key, now) + rate.every - now - rate.burst * rate.every
            if wait > 0.0:
                raise TooManyTries(
                    "Too many failed tries; wait before the next one.", retry_after=wait
                )
        for key, rate in limits:
            _remember(self._times, key, max(self._times.get(key, now), now) + rate.every)
        return [(key, rate.every) for key, rate in limits]

    def _refund(self, charged: list[tuple[Hashable, float]]) -> None:
        for key, seconds in charged:
            if key in self._times:
                self._times[key] -= seconds


def _remember(kept: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MAX_KEYS:
        kept.popitem(last=False)
