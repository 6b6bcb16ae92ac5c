"""Quotas: how the limits of users and of addresses work together."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from math import inf

import pytest

from chat_grpc.core.buckets import ADDRESS_SHARE
from chat_grpc.core.errors import RateLimited, TooManyStreams
from chat_grpc.core.networks import Networks
from chat_grpc.core.quotas import (
    LATEST_REFUSAL,
    MESSAGE_COSTS,
    PENALTY,
    REFUSAL_BURST,
    REFUSALS_PER_SECOND,
    Quota,
    Quotas,
)

HERE, THERE = "127.0.0.1", "192.0.2.1"


class World:
    """Quotas, and the clock that they see."""

    def __init__(self, **options: float) -> None:
        self.now = 1000.0
        quota = replace(Quota(), **options)  # type: ignore[arg-type]
        self.quotas = Quotas(quota, lambda: self.now)

    def sends(self, count: int, *, user: int = 1, address: str = HERE, size: int = 100) -> int:
        """Send messages; return how many were accepted."""
        accepted = 0
        for _ in range(count):
            try:
                self.quotas.request("send", size, user, address)
            except RateLimited as error:
                self.last = error
            else:
                accepted += 1
        return accepted


def test_messages_come_at_the_rate_after_the_burst() -> None:
    """A user sends a burst, and then the rate; the refusal says when to try again."""
    world = World(messages_per_second=10, message_burst=20)
    assert world.sends(30) == 20
    assert world.last.retry_after == pytest.approx(0.1)
    assert world.last.metadata == {"limit": "messages_per_second", "messages_per_second": "10"}
    assert "from a user" in world.last.message
    assert world.quotas.refusals == {"messages_per_second": 10}
    world.now += 0.1
    assert world.sends(2) == 1
    world.now += 60
    assert world.sends(30) == 20


def test_the_users_of_an_address_share_its_rate() -> None:
    """Many guests of one address get no more than `ADDRESS_SHARE` users; loopback is exempt."""
    world = World(messages_per_second=10, message_burst=20)
    users = range(1, 4 * ADDRESS_SHARE)
    assert sum(world.sends(20, user=user, address=THERE) for user in users) == 20 * ADDRESS_SHARE
    assert "from an address" in world.last.message
    assert world.sends(20, user=100, address="192.0.2.2") == 20
    assert all(world.sends(20, user=1000 + user) == 20 for user in users)


def test_large_messages_count_by_their_bytes() -> None:
    """A message takes the larger share of the two rates; each of them can be lifted."""
    large = {"messages_per_second": 10, "message_burst": 10, "bytes_per_second": 1000}
    world = World(**large)
    assert world.sends(20, size=1000) == 1
    assert world.last.metadata["limit"] == "bytes_per_second"
    assert world.last.retry_after == pytest.approx(0.1)
    assert World(**large | {"bytes_per_second": 0}).sends(20, size=1000) == 10
    assert World(**large | {"messages_per_second": 0}).sends(100, size=1000) == 10
    assert World(messages_per_second=0, bytes_per_second=0).sends(10_000, size=60_000) == 10_000


@pytest.mark.parametrize("kind", [*MESSAGE_COSTS, "hello", None])
def test_every_request_counts(kind: str | None) -> None:
    """Each request of a stream has a cost, also one that is unknown or malformed."""
    quotas = World(messages_per_second=1, message_burst=5).quotas

    def flood() -> None:
        for _ in range(21):
            quotas.request(kind, 10, 1, HERE)

    with pytest.raises(RateLimited):
        flood()


def test_who_insists_ends_and_stays_out_for_a_while() -> None:
    """After many refusals the stream ends, and the user opens none for a while."""
    world = World(messages_per_second=10, message_burst=4)
    quotas = world.quotas
    assert [quotas.insists(1) for _ in range(20)] == [None] * 20
    ended = quotas.insists(1)
    assert ended is not None
    assert ended.retry_after == PENALTY
    with pytest.raises(RateLimited) as refused:
        quotas.may_open(1)
    assert refused.value.retry_after == pytest.approx(PENALTY)
    quotas.may_open(2)
    world.now += PENALTY
    quotas.may_open(1)


def test_streams_of_an_address_are_counted() -> None:
    """An address has a number of streams; a replaced stream does not count, nor does loopback."""
    quotas = World(streams_per_address=1).quotas
    quotas.open_stream("2001:db8::1", 0)
    with pytest.raises(TooManyStreams) as refused:
        quotas.open_stream("2001:db8::2", 0)
    assert refused.value.retry_after
    assert quotas.refusals == {"streams_per_address": 1}
    quotas.open_stream("2001:db8::2", 1)
    for address in ("2001:db8:0:1::", HERE, HERE):
        quotas.open_stream(address, 0)
    assert quotas.stream_counts == {"2001:db8::/64": 2, "2001:db8:0:1::/64": 1}
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::", HERE, HERE):
        quotas.close_stream(address)
    assert not quotas.stream_counts
    lifted = World(streams_per_address=0).quotas
    for _ in range(1000):
        lifted.open_stream(THERE, 0)
    assert lifted.stream_counts == {THERE: 1000}


def test_connections_are_closed_only_after_streams_are_refused() -> None:
    """The limit of new streams, whose refusal has a status, comes before that of connections."""
    quotas = World(connects_per_second=1).quotas
    for _ in range(10):
        quotas.connect(THERE)
        assert quotas.connection(THERE)
    with pytest.raises(RateLimited):
        quotas.connect(THERE)
    assert [quotas.connection(THERE) for _ in range(11)] == [True] * 10 + [False]
    assert quotas.refusals == {"connects_per_second": 2}
    quotas.connect(HERE)


def test_exempt_networks_are_an_option() -> None:
    """Without exempt networks loopback has the limits of an address."""
    quotas = Quotas(Quota(guests_per_minute=0.1), lambda: 0.0, Networks(()))
    quotas.guest(HERE)
    with pytest.raises(RateLimited):
        quotas.guest(HERE)


def test_many_addresses_take_a_bounded_amount_of_memory() -> None:
    """50,000 addresses, each doing all that is counted, take less than 40 MB; then they go."""
    world = World()
    quotas = world.quotas
    tracemalloc.start()
    for number in range(50_000):
        address = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
        quotas.connection(address)
        quotas.connect(address)
        quotas.guest(address)
        quotas.query(1.0, number + 1, address)
        quotas.request("send", 100, number + 1, address)
    flooded, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert flooded < 40_000_000
    world.now += 3600
    for _ in range(2000):
        quotas.sweep()
    assert quotas.key_count == 0


def test_received_bytes_of_an_address_are_counted() -> None:
    """The connections of an address share the rate; loopback, and a rate of 0, have no meter."""
    world = World(received_bytes_per_second=1000)
    first, second = world.quotas.meter(THERE), world.quotas.meter(THERE)
    assert first is not None
    assert second is not None
    assert first(9999) == 0.0
    assert second(1001) == pytest.approx(1.001)
    world.now += 0.5
    assert first(500) == pytest.approx(1.001)
    assert world.quotas.refusals == {"received_bytes_per_second": 2}
    assert world.quotas.meter(HERE) is None
    assert World(received_bytes_per_second=0).quotas.meter(THERE) is None


def delays(world: World, count: int, *, user: int = 1, address: str = HERE) -> list[float]:
    """Refuse calls; return the seconds for which each answer is held back."""
    return [world.quotas.delay(user, address) for _ in range(count)]


def test_the_answers_to_who_insists_follow_one_another_at_a_rate() -> None:
    """The first refusals are answered at once, later ones at a rate; a pause fills the burst."""
    world = World()
    assert delays(world, REFUSAL_BURST) == [0.0] * REFUSAL_BURST
    apart = 1 / REFUSALS_PER_SECOND
    assert delays(world, 3) == pytest.approx([apart, 2 * apart, 3 * apart])
    assert delays(world, 1, user=2) == [0.0]
    world.now += REFUSAL_BURST / REFUSALS_PER_SECOND
    assert delays(world, 4)[-1] <= apart
    world.now += 60
    assert delays(world, REFUSAL_BURST) == [0.0] * REFUSAL_BURST


def test_who_waits_between_refusals_is_always_answered_at_once() -> None:
    """A caller who pauses as the SDK does is never held back."""
    world = World()
    for _ in range(1000):
        assert delays(world, 1) == [0.0]
        world.now += 0.2


def test_no_more_calls_are_held_than_are_answered_in_time() -> None:
    """Refusals that would be too late are not counted: the next ones have a chance later."""
    world = World()
    most = REFUSAL_BURST + int(LATEST_REFUSAL * REFUSALS_PER_SECOND)
    held = delays(world, 3 * most)
    assert held.index(inf) == pytest.approx(most, abs=1)
    assert max(each for each in held if each < inf) == pytest.approx(LATEST_REFUSAL, abs=0.1)
    world.now += 1.0
    assert delays(world, 1)[0] < inf


def test_the_guests_of_an_address_share_its_answers() -> None:
    """Many guests who insist get the answers of 8 users; exempt addresses count by user only."""
    world = World()
    guests = range(1, 20 * ADDRESS_SHARE)
    at_once = [d for user in guests for d in delays(world, 5, user=user, address=THERE) if not d]
    assert len(at_once) == REFUSAL_BURST * ADDRESS_SHARE
    assert delays(world, 1, user=0, address=THERE) > [0.0]
    assert delays(world, 1000, user=0) == [0.0] * 1000
