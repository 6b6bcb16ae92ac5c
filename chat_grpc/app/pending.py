"""Sign-ins that have begun: bounded in number, and in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Generic, TypeVar

from chat_grpc.app.identity import digest_of
from chat_grpc.core.errors import SignInExpired, TooManyTries
from chat_grpc.core.networks import network_of

_T = TypeVar("_T")

_MAX = 1000
_MAX_OF_ONE = 20
"""Maximum number of sign-ins that have begun, in all and from one address."""


class Pending(Generic[_T]):
    """Sign-ins that have begun, by a secret of 256 bits. Belongs to the event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._begun: dict[bytes, tuple[_T, str, float]] = {}
        """The sign-in, its address and its end, by the digest of the secret."""

    def add(self, secret: str, begun: _T, peer: str, lifetime: float) -> None:
        """Keep a sign-in for `lifetime` seconds.

        Raises `TooManyTries`: no other sign-in gives way, because each has a user who waits.
        """
        now = self._clock()
        self._begun = {key: each for key, each in self._begun.items() if each[2] > now}
        address = network_of(peer)
        of_each = Counter(each[1] for each in self._begun.values())
        if of_each[address] >= _MAX_OF_ONE or len(self._begun) >= _MAX:
            raise TooManyTries(
                "Too many sign-ins have begun; complete one, or wait.", retry_after=60.0
            )
        self._begun[digest_of(secret)] = (begun, address, now + lifetime)

    def get(self, secret: str) -> _T:
        """Return a sign-in. Raises `SignInExpired`."""
        found = self._begun.get(digest_of(secret))
        if found is None or found[2] <= self._clock():
            raise SignInExpired("This sign-in has expired, or was completed; begin again.")
        return found[0]

    def pop(self, secret: str) -> _T:
        """Return a sign-in, which ends. Raises `SignInExpired`."""
        begun = self.get(secret)
        del self._begun[digest_of(secret)]
        return begun
