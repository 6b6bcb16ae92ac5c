"""The throttle of failed sign-ins."""

from __future__ import annotations

import pytest

from chat_grpc.app.throttle import ADDRESS, NAME, PAIR, Throttle
from chat_grpc.core.errors import TooManyTries


class Times:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Times:
    """The clock of the throttle."""
    return Times()


@pytest.fixture
def throttle(clock: Times) -> Throttle:
    """A throttle without failures."""
    return Throttle(clock)


def fail(throttle: Throttle, name: str, *peers: str) -> int:
    """Fail to sign in from each address; return how many tries were allowed."""
    allowed = 0
    for peer in peers:
        try:
            throttle.sign_in(name, peer)
        except TooManyTries:
            continue
        allowed += 1
    return allowed


def addresses(count: int) -> list[str]:
    """Return different addresses."""
    return [f"192.0.{number // 250}.{number % 250 + 1}" for number in range(count)]


def test_a_name_has_a_few_tries_and_then_one_a_minute(throttle: Throttle, clock: Times) -> None:
    """However many addresses guess, and whether the account exists, a name has 5 tries at once."""
    assert fail(throttle, "alice", *addresses(1000)) == NAME.burst
    with pytest.raises(TooManyTries) as error:
        throttle.sign_in("alice", "198.51.100.1")
    assert error.value.retry_after == pytest.approx(NAME.every)
    clock.now += NAME.every - 1
    assert fail(throttle, "alice", *addresses(10)) == 0
    clock.now += 1.5
    assert fail(throttle, "alice", *addresses(10)) == 1
    clock.now += 10 * NAME.every
    assert fail(throttle, "alice", *addresses(10)) == NAME.burst


def test_an_address_has_a_limit_over_all_names(throttle: Throttle, clock: Times) -> None:
    """One address that tries many names gets 20 tries, and others are not affected."""
    names = [f"user{number}" for number in range(100)]
    assert sum(fail(throttle, name, "192.0.2.1") for name in names) == ADDRESS.burst
    assert fail(throttle, "user99", "192.0.2.2") == 1
    clock.now += ADDRESS.every
    assert sum(fail(throttle, name, "192.0.2.1") for name in names) == 1


def test_a_guesser_does_not_lock_out_an_address_that_signed_in(throttle: Throttle) -> None:
    """An address with an earlier sign-in has failures of its own."""
    throttle.sign_in("alice", "198.51.100.1").succeeded()
    assert fail(throttle, "alice", *addresses(1000)) == NAME.burst
    assert fail(throttle, "alice", *["198.51.100.1"] * 50) == PAIR.burst
    # The owner's own failures do not help the guesser, either.
    assert fail(throttle, "alice", *addresses(10)) == 0


def test_a_success_is_not_counted(throttle: Throttle) -> None:
    """Sign-ins with the right password are not limited, unless too many run at once."""
    for _ in range(100):
        throttle.sign_in("alice", "198.51.100.1").succeeded()
    assert fail(throttle, "alice", *["198.51.100.1"] * 50) == PAIR.burst


def test_tries_at_the_same_time_count_before_they_end(throttle: Throttle) -> None:
    """A burst of parallel tries cannot go around the limit."""
    attempts = [throttle.sign_in("alice", peer) for peer in addresses(NAME.burst)]
    assert fail(throttle, "alice", "198.51.100.1") == 0
    attempts[0].succeeded()
    assert fail(throttle, "alice", "198.51.100.1") == 1


def test_wrong_invite_codes_and_old_passwords_do_not_limit_sign_ins_of_a_name(
    throttle: Throttle,
) -> None:
    """They count for their address, and for the user who is signed in."""
    for _ in range(PAIR.burst):
        throttle.old_password(1, "192.0.2.1")
    with pytest.raises(TooManyTries):
        throttle.old_password(1, "192.0.2.2")
    assert fail(throttle, "alice", "192.0.2.2") == 1
    for _ in range(ADDRESS.burst):
        throttle.invite_code("192.0.2.3")
    with pytest.raises(TooManyTries):
        throttle.invite_code("192.0.2.3")


def test_an_attempt_that_was_not_checked_counts_for_nothing(throttle: Throttle) -> None:
    """It is taken back, and does not make its address known."""
    for peer in addresses(2 * NAME.burst):
        throttle.sign_in("alice", peer).take_back()
    assert fail(throttle, "alice", *addresses(2 * NAME.burst)) == NAME.burst
