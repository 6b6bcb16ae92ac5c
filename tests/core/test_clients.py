"""Connected clients, and the names that they hold."""

from __future__ import annotations

import pytest

from chat_grpc.core import limits
from chat_grpc.core.clients import Clients
from chat_grpc.core.errors import NameTaken
from chat_grpc.core.user import User


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def guest(number: int, name: str) -> User:
    """Make a guest."""
    return User(number, name, name.lower())


def test_a_taken_name_gets_a_suffix_and_its_owner_gets_it_back() -> None:
    """A suffixed name lasts until the last stream has ended and others were told."""
    clients, time = Clients(clock := Time()), limits.NAME_HOLD
    clients.hold(guest(2, "Alice"))
    old = clients.hold(guest(1, "Alice"))
    assert (old.user.name, old.user.key) == ("Alice-1", "alice-1")
    assert clients.by_key("alice-1") == old.user
    clock.now = time / 2
    clients.hold(guest(1, "Alice"))
    clock.now = time
    clients.free()
    assert clients.by_key("alice") is None
    old.announced = True
    assert clients.hold(guest(1, "Alice")).user.name == "Alice-1"
    old.announced = False
    assert clients.hold(guest(1, "Alice")).user.name == "Alice"
    assert clients.held_names() == ["alice"]


def test_a_suffixed_name_is_unique_and_not_too_long() -> None:
    """A suffixed name is unique and within the length limit."""
    clients = Clients(Time())
    long = "x" * limits.MAX_NAME_LENGTH
    for number, name in enumerate([long, "a", "a-4"], 1):
        clients.hold(guest(number, name))
    assert clients.hold(guest(4, "a")).user.name == "a-4-2"
    suffixed = clients.hold(guest(5, long)).user
    assert suffixed.name == "x" * (limits.MAX_NAME_LENGTH - 2) + "-5"


def test_a_claimed_name_is_taken() -> None:
    """A claimed name is taken until it is released."""
    clients = Clients(Time())
    clients.claim("a", "a")
    with pytest.raises(NameTaken):
        clients.claim("a", "a")
    clients.release("a")
    clients.claim("a", "a")


def test_a_page_of_connected_clients_costs_its_length() -> None:
    """A page is in the order of numbers, and reads nothing beyond its end."""
    clients = Clients(Time())
    for number in range(30_000, 0, -1):
        client = clients.hold(guest(number, f"u{number}"))
        client.streams.append(object())  # type: ignore[arg-type]
        clients.came(number)
    for number in range(1, 30_001, 2):
        clients[number].streams.clear()
        clients.went(number)
    assert clients.connected_count == 15_000
    page = clients.connected(after=10_001)
    read = [next(page).user.number for _ in range(3)]
    assert read == [10_002, 10_004, 10_006]
    assert [c.user.number for c in clients.connected_of([1, 2, 3, 4])] == [2, 4]
