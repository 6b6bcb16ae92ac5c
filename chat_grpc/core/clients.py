"""Clients: the users with open streams, and the guests whose names are held."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence, ValuesView
from dataclasses import replace

from chat_grpc.core import limits
from chat_grpc.core.accounts import Accounts
from chat_grpc.core.errors import NameTaken
from chat_grpc.core.stream import Client
from chat_grpc.core.user import User


class Clients:
    """The connected clients, and those whose name is held. Belongs to the event loop.

    A number belongs to one user permanently; a guest's name belongs to the guest only while it is
    held, and never if it belongs to an account. If another user has the name of a returning user,
    the number is appended: `alice-5`.
    """

    def __init__(self, clock: Callable[[], float], accounts: Accounts | None = None) -> None:
        """`clock` returns monotonic seconds; `accounts` knows the names of accounts."""
        self._clock = clock
        self._accounts = accounts if accounts is not None else Accounts()
        self._clients: dict[int, Client] = {}
        self._names: dict[str, Client | None] = {}
        """The holders, by the key of their name; None while a new guest is being stored."""
        self._connected: list[int] = []
        """The numbers of the clients with open streams, sorted."""
        self._held: dict[int, Client] = {}
        """The clients without open streams, by number."""

    def __getitem__(self, number: int) -> Client:
        return self._clients[number]

    def get(self, number: int) -> Client | None:
        """Find a client by number."""
        return self._clients.get(number)

    def values(self) -> ValuesView[Client]:
        """Return all clients, in no order."""
        return self._clients.values()

    # ---------------------------------------------------------------- names

    def claim(self, name: str, key: str) -> None:
        """Reserve a name for a guest who is about to be stored; `hold` or `release` must follow.

        Raises `NameTaken`.
        """
        if self._accounts.owner(key):
            raise NameTaken(
                f"The name {name} belongs to an account; sign in with its password, "
                "or choose another name.",
                metadata={"name": name, "account": "true"},
            )
        if key in self._names:
            holder = self._names[key]
            wait = None
            if holder is not None and not holder.streams:
                wait = max(1.0, holder.held_until - self._clock())
            raise NameTaken(
                f"Somebody else has the name {name} at the moment; choose another.",
                metadata={"name": name},
                retry_after=wait,
            )
        self._names[key] = None

    def release(self, key: str) -> None:
        """Release a name that `claim` reserved."""
        if self._names.get(key, self) is None:
            del self._names[key]

    def hold(self, user: User) -> Client:
        """Hold a user's name for `limits.NAME_HOLD` seconds, and while streams are open.

        If another user has the name, the client gets one with a suffix. It keeps that name until it
        connects again and its own name is free.
        """
        client = self._clients.get(user.number)
        if client is None:
            client = self._clients[user.number] = Client(self._named(user))
            self._names[client.user.key] = self._held[user.number] = client
        elif self._can_be_renamed(client, user):
            del self._names[client.user.key]
            client.user = user
            self._names[user.key] = client
        client.held_until = self._clock() + limits.NAME_HOLD
        return client

    def _can_be_renamed(self, client: Client, user: User) -> bool:
        """Return True if a client can get its own name back, and the others do not see it now."""
        if client.user.key == user.key or client.streams or client.announced:
            return False
        return user.key not in self._names and self._is_free_for(user.number, user.key)

    def _is_free_for(self, number: int, key: str) -> bool:
        """Return True if a name belongs to no account but the user's own."""
        return self._accounts.owner(key) in (0, number)

    def _named(self, user: User) -> User:
        """Return a user with a name that nobody else has: the user's own, or one with a suffix."""
        attempt = 0
        named = user
        while True:
            key = named.key
            # A name that is only reserved goes to the first user who is stored or connects.
            free = key not in self._names or (not attempt and self._names[key] is None)
            if free and self._is_free_for(user.number, key):
                return named
            attempt += 1
            named = user.suffixed(attempt)

    def changed(self, user: User) -> None:
        """Note that a user became an account, or no longer is one.

        The user has the new name at once if only the account is new. Another name comes with the
        next connection, because the others see the present one now. The name of a deleted account
        is free at once.
        """
        client = self._clients.get(user.number)
        if client is None:
            return
        client.user = replace(client.user, guest=user.guest)
        client.listed = None
        if client.user.key == user.key:
            client.user = user
        elif user.deleted:
            del self._names[client.user.key]
            client.user = user
            self._names[user.key] = client
        for stream in client.streams:
            stream.identify(client.user)

    def by_number(self, number: int) -> User | None:
        """Find a user who is connected or whose name is held."""
        client = self._clients.get(number)
        return client.user if client is not None else None

    def by_key(self, key: str) -> User | None:
        """Find a user who is connected or whose name is held, by the name's key."""
        client = self._names.get(key)
        return client.user if client is not None else None

    def held_names(self) -> list[str]:
        """Return the keys of the names that are in use or held."""
        return list(self._names)

    def extend(self, seconds: float) -> None:
        """Extend the hold of each name by `seconds`."""
        for client in self.values():
            client.held_until += seconds

    def free(self) -> None:
        """Release the names whose hold has expired."""
        now = self._clock()
        for client in [c for c in self._held.values() if c.held_until <= now]:
            del self._clients[client.user.number], self._held[client.user.number]
            del self._names[client.user.key]

    # ---------------------------------------------------------------- connected

    def came(self, number: int) -> None:
        """Note that a client opened its first stream."""
        insort(self._connected, number)
        del self._held[number]

    def went(self, number: int) -> None:
        """Note that a client closed its last stream."""
        del self._connected[bisect_left(self._connected, number)]
        self._held[number] = self._clients[number]

    def is_connected(self, number: int) -> bool:
        """Return True if a user has an open stream."""
        client = self._clients.get(number)
        return client is not None and bool(client.streams)

    @property
    def connected_count(self) -> int:
        """The number of clients with open streams."""
        return len(self._connected)

    def connected(self, after: int = 0) -> Iterator[Client]:
        """Iterate over the clients with open streams and a number above `after`, by number.

        The cost is that of the clients that are taken. The set must not change meanwhile.
        """
        for at in range(bisect_right(self._connected, after), len(self._connected)):
            yield self._clients[self._connected[at]]

    def connected_of(self, numbers: Sequence[int]) -> list[Client]:
        """Return the clients with open streams among some users, in the order of `numbers`."""
        return [self._clients[number] for number in numbers if self.is_connected(number)]
