"""Who is here, and whose names are kept."""

from __future__ import annotations

from collections.abc import Callable, ValuesView

from chat_grpc.core import limits
from chat_grpc.core.errors import NameTaken
from chat_grpc.core.stream import Client
from chat_grpc.core.user import User


class Clients:
    """Those connected, and those whose name is held. Belongs to the event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._clients: dict[int, Client] = {}
        self._names: dict[str, Client | None] = {}
        """By name's key; None while a new guest is being stored."""

    def __getitem__(self, number: int) -> Client:
        return self._clients[number]

    def get(self, number: int) -> Client | None:
        """Finds a client by number."""
        return self._clients.get(number)

    def values(self) -> ValuesView[Client]:
        """All of them, in no order."""
        return self._clients.values()

    def claim(self, name: str, key: str) -> None:
        """Takes a name for a guest who is about to be stored; `hold` or `release` must follow.

        Raises `NameTaken`.
        """
        if key in self._names:
            holder = self._names[key]
            wait = None
            if holder is not None and not holder.streams:
                wait = max(1.0, holder.held_until - self._clock())
            raise NameTaken(
                f"The name {name} belongs to somebody else at the moment; take another.",
                metadata={"name": name},
                retry_after=wait,
            )
        self._names[key] = None

    def release(self, key: str) -> None:
        """Gives back a name that `claim` took."""
        if self._names.get(key, self) is None:
            del self._names[key]

    def hold(self, user: User) -> Client:
        """Keeps a user's name for `limits.NAME_HOLD` seconds from now, and while streams are open.

        Raises `NameTaken` where another user has the name.
        """
        client = self._clients.get(user.number)
        if client is None:
            if self._names.get(user.key) is not None:
                raise NameTaken(
                    f"The name {user.name} went to somebody else while you were away.",
                    metadata={"name": user.name},
                )
            client = self._clients[user.number] = Client(user)
            self._names[user.key] = client
        client.held_until = self._clock() + limits.NAME_HOLD
        return client

    def by_number(self, number: int) -> User | None:
        """Finds a user who is connected or whose name is held."""
        client = self._clients.get(number)
        return client.user if client is not None else None

    def by_key(self, key: str) -> User | None:
        """Finds a user who is connected or whose name is held, by the name's key."""
        client = self._names.get(key)
        return client.user if client is not None else None

    def held_names(self) -> list[str]:
        """Return the keys of the names that are in use or held."""
        return list(self._names)

    def connected(self) -> list[Client]:
        """The clients that are connected now, by rising number."""
        return [c for _, c in sorted(self._clients.items()) if c.streams]

    def extend(self, seconds: float) -> None:
        """Hold each name longer by `seconds`."""
        for client in self.values():
            client.held_until += seconds

    def free(self) -> None:
        """Gives back the names whose time is over."""
        now = self._clock()
        for client in [c for c in self.values() if not c.streams and c.held_until <= now]:
            del self._clients[client.user.number]
            del self._names[client.user.key]
