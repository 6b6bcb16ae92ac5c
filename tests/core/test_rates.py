"""Rates over the last seconds."""

from __future__ import annotations

import pytest

from chat_grpc.core.rates import Counts, Rates


def test_rates_are_those_of_the_last_seconds() -> None:
    """A burst counts while it is within the seconds, and not after them."""
    now, stored = 100.0, 0
    rates = Rates(lambda: Counts(stored, 2 * stored, stored), lambda: now)
    assert rates.over(5.0) == Counts(0.0, 0.0, 0.0)
    stored = 50
    for _ in range(5):
        now += 1.0
        rates.sample()
    assert rates.over(5.0) == Counts(10.0, 20.0, 10.0)
    for _ in range(6):
        now += 1.0
        rates.sample()
    assert rates.over(5.0) == Counts(0.0, 0.0, 0.0)


def test_a_clock_that_was_stopped() -> None:
    """After a time without samples the rate is over the time since the last one."""
    now, stored = 0.0, 0
    rates = Rates(lambda: Counts(stored, 0, 0), lambda: now)
    now, stored = 100.0, 500
    assert rates.over(5.0).stored == pytest.approx(5.0)
