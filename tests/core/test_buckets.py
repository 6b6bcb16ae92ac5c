"""Token buckets: their rate, their memory, and what they forget."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.buckets import MAX_KEYS, Buckets

RATES = st.floats(0.01, 1000)
BURSTS = st.integers(1, 500)
GAPS = st.lists(st.floats(0, 10), max_size=200)


@given(rate=RATES, burst=BURSTS, gaps=GAPS)
def test_no_more_than_the_rate_and_the_burst(rate: float, burst: int, gaps: list[float]) -> None:
    """In every stretch of time at most `rate * t + burst` requests are admitted."""
    buckets: Buckets[str] = Buckets(rate, burst)
    now, admitted = 100.0, list[float]()
    for gap in gaps:
        now += gap
        if not buckets.take("a", now):
            admitted.append(now)
    for first, start in enumerate(admitted):
        for last in range(first, len(admitted)):
            assert last - first + 1 <= rate * (admitted[last] - start) + burst + 0.01


@given(rate=RATES, burst=BURSTS, gaps=GAPS)
def test_a_request_after_the_wait_is_admitted(rate: float, burst: int, gaps: list[float]) -> None:
    """The time that is told suffices, and a refused request takes nothing."""
    buckets: Buckets[str] = Buckets(rate, burst)
    now = 0.0
    for gap in gaps:
        now += gap
        if wait := buckets.take("a", now):
            assert buckets.take("a", now) == wait
            now += wait
            assert not buckets.take("a", now)


@given(costs=st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_a_large_cost_delays_the_next_request(costs: list[float]) -> None:
    """Whatever requests cost, their sum exceeds the rate by at most the burst and one of them."""
    buckets: Buckets[str] = Buckets(10, 5)
    taken = sum(cost for cost in costs if not buckets.take("a", 1.0, cost))
    assert taken <= 5 + max(costs)


def test_a_rate_of_zero_is_no_limit() -> None:
    """A limit that is lifted refuses nothing and remembers nobody."""
    buckets: Buckets[int] = Buckets(0, 1)
    assert [buckets.take(1, 0.0) for _ in range(1000)] == [0.0] * 1000
    assert len(buckets) == 0


def test_keys_have_buckets_of_their_own() -> None:
    """A key that is over its rate takes nothing from another one."""
    buckets: Buckets[str] = Buckets(1, 2)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert buckets.take("b", 0.0) == 0.0


def test_full_buckets_are_forgotten() -> None:
    """Idle keys go; a key whose bucket is not full stays."""
    buckets: Buckets[int] = Buckets(1, 100)
    for key in range(1000):
        buckets.take(key, 0.0)
    for _ in range(50):
        buckets.take(7, 0.0)
    for _ in range(10):
        buckets.sweep(10.0)
    assert len(buckets) == 1
    assert buckets.wait(7, 0.0) == 0.0
    buckets.owe(7, 10.0, 5.0)
    assert buckets.wait(7, 10.0) == pytest.approx(5.0)


def test_memory_is_bounded_under_100_000_keys() -> None:
    """However many keys take tokens, at most `MAX_KEYS` are remembered, and the newest are."""
    tracemalloc.start()
    buckets: Buckets[str] = Buckets(0.001, 1)
    for number in range(100_000):
        assert not buckets.take(f"2001:db8:{number:x}::/64", 0.0)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(buckets) == MAX_KEYS
    assert size < 5_000_000
    assert buckets.take("2001:db8:1869f::/64", 0.0) > 0.0


def test_what_was_done_already_is_paid_later() -> None:
    """Spending always takes the tokens, and says how long until one is there."""
    buckets: Buckets[str] = Buckets(10, 20)
    assert buckets.spend("a", 1.0, 19) == 0.0
    assert buckets.spend("a", 1.0, 11) == pytest.approx(1.1)
    assert buckets.spend("a", 2.0, 10) == pytest.approx(1.1)
    assert buckets.spend("b", 2.0, 10) == 0.0
    assert buckets.take("a", 3.0) == pytest.approx(0.1)
    assert Buckets[str](0, 1).spend("a", 1.0, 10**9) == 0.0
