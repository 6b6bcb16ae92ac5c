"""Passwords: their rules, and their argon2id hashes, which threads compute."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import NamedTuple, Self, TypeVar

import precis_i18n
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import FieldInvalid, TooManyTries
from chat_grpc.core.quotas import Quotas
from chat_grpc.spelling.names import lookup_key

_T = TypeVar("_T")

# OWASP's parameters ("Password Storage Cheat Sheet"): 19 MiB, 2 passes, 1 lane; about 25 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)

_DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$kIt1UGrBihE0652dMABBbQ$"
    "tcs/4tA7nuKokFsFIUDDFFvTss9hfkrTU5eMPbPM+WE"
)
"""A hash of a random password, to take the same time for a name without an account."""

_THREADS = 2
"""Each hash takes 19 MiB and a core: more threads would take them from the chat."""

_MAX_WAITING = 64
_MAX_WAITING_OF_ONE = 8
"""Maximum number of hashes that wait or run, in all and for one address."""

_PROFILE = precis_i18n.get_profile("OpaqueString")


@cache
def common_passwords() -> frozenset[str]:
    """Return the most common passwords, in lower case."""
    text = (resources.files("chat_grpc.app") / "common_passwords.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def check_password(password: str, name: str) -> str:
    """Return a new password in the form that is hashed. Raises `FieldInvalid`, without it.

    It is a PRECIS OpaqueString (RFC 8265): any characters but control characters, normalized, so
    that each keyboard gives the same bytes. `name` is the user's name.
    """
    least, most = limits.MIN_PASSWORD_LENGTH, limits.MAX_PASSWORD_LENGTH
    prepared = _prepared(password)
    if prepared is None and 0 < len(password) <= most:
        raise FieldInvalid("A password cannot have control characters.")
    if prepared is None or not least <= len(prepared) <= most:
        raise FieldInvalid(f"A password has {least} to {most} characters.")
    if prepared.lower() in common_passwords():
        raise FieldInvalid("This password is one of the most common ones; choose another.")
    if lookup_key(prepared) == lookup_key(name):
        raise FieldInvalid("The password is the name; choose another password.")
    return prepared


def _prepared(password: str) -> str | None:
    """Return a password as it is hashed, or None if no account can have it."""
    if not 0 < len(password) <= limits.MAX_PASSWORD_LENGTH:
        return None
    try:
        return str(_PROFILE.enforce(password))
    except UnicodeError:
        return None


class Payer(NamedTuple):
    """The origin of a password, to whose quotas its hash is charged."""

    key: str
    """The key of the user's name; empty if the user has none yet."""
    peer: str
    """The address of the caller."""

    @classmethod
    def of(cls, caller: Caller) -> Self:
        """Return the payer of a call."""
        return cls(caller.identity.key if caller.identity is not None else "", caller.peer)


class Passwords:
    """Hashes and verifies passwords in at most 2 threads. Belongs to the event loop.

    Each hash takes about 25 ms of a core, so it is charged to the quotas of its user and address,
    also if the password is right.
    """

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat-grpc-passwords")
        self._waiting: Counter[str] = Counter()

    async def close(self) -> None:
        """End the threads. Hashes that have not started are cancelled."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: self._threads.shutdown(cancel_futures=True))

    async def hash(self, password: str, payer: Payer) -> str:
        """Return the hash of a password that `check_password` returned.

        Raises `RateLimited`, or `TooManyTries` if too many hashes wait.
        """
        self._quotas.password(*payer)
        return await self.hash_again(password, payer.peer)

    async def hash_again(self, password: str, peer: str) -> str:
        """Return the hash of a password that is right, at the server's own cost.

        Raises `TooManyTries` if too many hashes wait.
        """
        prepared = _prepared(password) or password
        return await self._run(lambda: _HASHER.hash(prepared), peer)

    async def verify(self, known: str, password: str, payer: Payer) -> bool:
        """Return whether a password is the one of a hash; an empty hash is of no password.

        Takes the same time in each case. Raises `RateLimited`, or `TooManyTries` if too many hashes
        wait.
        """
        self._quotas.password(*payer)
        prepared = _prepared(password)
        right = await self._run(lambda: _verify(known or _DUMMY, prepared or ""), payer.peer)
        return right and bool(known) and prepared is not None

    def outdated(self, known: str) -> bool:
        """Return whether a hash has other parameters than new ones."""
        return _HASHER.check_needs_rehash(known)

    async def _run(self, work: Callable[[], _T], peer: str) -> _T:
        with self._admitted(peer):
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @contextmanager
    def _admitted(self, peer: str) -> Iterator[None]:
        one = self._waiting[peer] >= _MAX_WAITING_OF_ONE
        if one or self._waiting.total() >= _MAX_WAITING:
            raise TooManyTries(
                "Too many passwords are being checked at the moment; try again.", retry_after=1.0
            )
        self._waiting[peer] += 1
        try:
            yield
        finally:
            self._waiting[peer] -= 1
            if not self._waiting[peer]:
                del self._waiting[peer]


def _verify(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
