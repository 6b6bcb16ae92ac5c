"""A clock that stays correct although the wall clock may jump."""

from __future__ import annotations

from fake_time import DAY, HOUR, FakeTime

from chat_grpc.core.clock import (
    FOLLOWED_AFTER,
    MAX_RUNNING_STEP,
    SECOND,
    TRUSTED_AFTER,
    EventClock,
    Moment,
    RunningTime,
)


def run(time: FakeTime, clock: EventClock, seconds: float) -> None:
    """Advance time, and read the clock every second."""
    for _ in range(int(seconds)):
        time.run(1.0)
        clock.nanoseconds()
        clock.trusted()


def test_without_jumps_both_times_are_the_wall_clock() -> None:
    """Without jumps both times equal the wall clock to the nanosecond."""
    time = FakeTime()
    clock = time.clock()
    run(time, clock, 100)
    assert clock.nanoseconds() == clock.trusted() == time.wall()


def test_a_small_step_is_followed_at_once() -> None:
    """The time of events follows a small step forward at once, and stops after one backward."""
    time = FakeTime()
    clock = time.clock()
    time.jump(30.0)
    assert clock.nanoseconds() == time.wall()
    before = clock.nanoseconds()
    time.jump(-20.0)
    assert clock.nanoseconds() == before
    assert clock.trusted() == time.wall()
    time.run(25.0)
    assert clock.nanoseconds() == time.wall() > before


def test_a_jump_that_is_taken_back_leaves_no_trace() -> None:
    """A jump of 400 days for 8 seconds has no effect afterwards."""
    time = FakeTime()
    clock = time.clock()
    time.jump(400 * DAY)
    run(time, clock, 8)
    during = time.wall() - 400 * DAY * SECOND
    assert clock.nanoseconds() == clock.trusted() == during
    time.jump(-400 * DAY)
    run(time, clock, 1)
    assert clock.nanoseconds() == clock.trusted() == time.wall()


def test_a_jump_that_lasts_is_followed() -> None:
    """The time of events follows a lasting jump after minutes, trusted time after an hour."""
    time = FakeTime()
    clock = time.clock()
    time.jump(2 * DAY)
    run(time, clock, FOLLOWED_AFTER // SECOND - 1)
    assert clock.nanoseconds() == time.wall() - 2 * DAY * SECOND
    run(time, clock, 2)
    assert clock.nanoseconds() == time.wall()
    run(time, clock, (TRUSTED_AFTER - FOLLOWED_AFTER) // SECOND - 3)
    assert clock.trusted() == time.wall() - 2 * DAY * SECOND
    run(time, clock, 5)
    assert clock.trusted() == time.wall()


def test_jumps_that_follow_one_another_prove_nothing() -> None:
    """Each further jump restarts the time that a jump must last."""
    time = FakeTime()
    clock = time.clock()
    for _ in range(5):
        time.jump(2 * DAY)
        run(time, clock, TRUSTED_AFTER // SECOND - 1)
        assert clock.trusted() < time.wall()


def test_the_time_of_events_never_goes_back() -> None:
    """After a real step back the trusted time follows; the time of events stands still."""
    time = FakeTime()
    clock = time.clock()
    time.jump(-10 * DAY)
    last = clock.nanoseconds()
    for _ in range(2 * HOUR):
        time.run(1.0)
        clock.trusted()
        now = clock.nanoseconds()
        assert now >= last
        last = now
    assert clock.trusted() == time.wall()


def test_a_store_continues_where_it_was() -> None:
    """A restarted store continues its trusted time, and no event is older than the one before."""
    time = FakeTime()
    clock = time.clock()
    newest = time.wall() + 5 * SECOND
    clock.begin(newest, Moment(1234.0, newest))
    assert clock.nanoseconds() == newest
    time.jump(-400 * DAY)
    clock = time.clock()
    clock.begin(newest, Moment(1234.0, newest))
    run(time, clock, 10)
    assert clock.nanoseconds() == clock.trusted() == newest + 10 * SECOND
    assert clock.moment().running == 1234.0 + 10.0


def test_a_stop_of_days_adds_little_to_the_running_time() -> None:
    """Time in which the process was frozen, or the machine slept, is not running time."""
    time = FakeTime()
    running = RunningTime(time.monotonic, 10.0)
    time.run(30.0)
    assert running.seconds() == 40.0
    time.run(3 * DAY)
    assert running.seconds() == 40.0 + MAX_RUNNING_STEP
