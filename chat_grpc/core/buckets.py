"""Token buckets by key, in a bounded amount of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)

MAX_KEYS: Final = 16_384
"""Maximum number of keys that a `Buckets` remembers: about 3 MB."""

ADDRESS_SHARE: Final = 8
"""An address may ask as much as this number of users: guests are free, so a limit for a user alone
would limit nothing, and many users may share an address."""

_LEAST_WAIT: Final = 0.001
"""The shortest wait that is told, in seconds."""

_ROUNDING: Final = 1e-6
"""Seconds by which a token may come early: rounding must not refuse one that has just come."""

_SWEPT: Final = 200
"""Keys that one call of `sweep` looks at: about 50 µs."""


class Buckets(Generic[_K]):
    """A token bucket for each key: `burst` at once, and `rate` a second in the long run.

    A bucket is one number: the time at which it will be full again (the generic cell rate
    algorithm, ITU-T I.371). So taking costs one look-up and one store. A request is admitted while
    one token is left, and then takes its whole cost: a request that costs more than `burst` only
    delays the next one. In any time t the admitted costs are at most `rate * t + burst`, plus the
    excess over 1 of the last one.

    At most `most` keys are remembered. A full bucket is not distinguished from an unknown key, so
    `sweep` forgets it. When a new key finds no space, the oldest key is forgotten, even if its
    bucket is not full: a caller with more than `most` addresses would get as much anyway, and the
    others must not be refused because of it.

    Does no I/O; times are seconds of a clock that never goes back.
    """

    __slots__ = ("_ahead", "_full", "_most", "_rate", "_unit")

    def __init__(self, rate: float, burst: float, *, most: int = MAX_KEYS) -> None:
        """`rate` is in tokens a second; 0 sets no limit. `burst` is at least 1."""
        self._rate = rate
        self._unit = 1.0 / rate if rate else 0.0
        self._ahead = (max(burst, 1.0) - 1.0) * self._unit
        """Seconds until a bucket with one token is full."""
        self._most = most
        self._full: OrderedDict[_K, float] = OrderedDict()
        """By key, the time at which the bucket is full again."""

    def __len__(self) -> int:
        """Return the number of keys that are remembered."""
        return len(self._full)

    def take(self, key: _K, now: float, cost: float = 1.0) -> float:
        """Take `cost` tokens, and return 0.0; if there is none, return the seconds until there is.

        A refused request takes nothing.
        """
        if not self._rate:
            return 0.0
        full = self._full.get(key)
        if full is None:
            self._make_space()
            full = now
        elif full <= now:
            full = now
        elif (wait := full - now - self._ahead) > _ROUNDING:
            return max(wait, _LEAST_WAIT)
        self._full[key] = full + cost * self._unit
        return 0.0

    def spend(self, key: _K, now: float, cost: float) -> float:
        """Take `cost` tokens, also if they are not there; return the seconds until one is.

        For work that was done already, such as bytes that were received.
        """
        if not self._rate:
            return 0.0
        full = self._full.get(key)
        if full is None:
            self._make_space()
            full = now
        full = self._full[key] = max(full, now) + cost * self._unit
        return self._until(full, now)

    def _make_space(self) -> None:
        if len(self._full) >= self._most:
            self._full.popitem(last=False)

    def give_back(self, key: _K, cost: float) -> None:
        """Return the tokens of a request that was admitted and then refused elsewhere."""
        if key in self._full:
            self._full[key] -= cost * self._unit

    def owe(self, key: _K, now: float, seconds: float) -> None:
        """Admit nothing of a key for at least some seconds."""
        if self._rate:
            self._full[key] = max(self._full.get(key, now), now + self._ahead + seconds)

    def wait(self, key: _K, now: float) -> float:
        """Return the seconds until a token is there; 0.0 if one is."""
        return self._until(self._full.get(key, now), now)

    def _until(self, full: float, now: float) -> float:
        wait = full - now - self._ahead
        return max(wait, _LEAST_WAIT) if wait > _ROUNDING else 0.0

    def sweep(self, now: float) -> None:
        """Forget some full buckets; every bucket has its turn. Call it every 0.1 s."""
        for _ in range(min(_SWEPT, len(self._full))):
            key, full = self._full.popitem(last=False)
            if full > now:
                self._full[key] = full


class Rate:
    """A rate that a user has, and an address `share` times."""

    def __init__(
        self, name: str, words: str, rate: float, burst: float, share: int = ADDRESS_SHARE
    ) -> None:
        """`name` is that of the option; `words` complete "at most N …"."""
        self.name = name
        self.words = words
        self.share = share
        self.by_user: Buckets[int | str] = Buckets(rate, burst)
        self.by_address: Buckets[str] = Buckets(rate * share, burst * share)

    def take(self, user: int | str, network: str, now: float, cost: float) -> float:
        """Take tokens of a user and of a network; return 0.0, or the seconds to wait.

        0 and an empty text stand for no user, and for a network without a limit.
        """
        wait = self.by_user.take(user, now, cost) if user else 0.0
        if network and not wait and (wait := self.by_address.take(network, now, cost)) and user:
            self.by_user.give_back(user, cost)
        return wait

    def spend(self, user: int | str, network: str, now: float) -> None:
        """Take a token of a user and of a network, also if none is there."""
        if user:
            self.by_user.spend(user, now, 1.0)
        if network:
            self.by_address.spend(network, now, 1.0)

    def wait(self, user: int | str, network: str, now: float) -> float:
        """Return the seconds until a token of both is there; 0.0 if one is."""
        return max(
            self.by_user.wait(user, now) if user else 0.0,
            self.by_address.wait(network, now) if network else 0.0,
        )
