"""Read markers are coalesced, and the last one is always stored."""

from __future__ import annotations

from functools import partial

from fake_time import FakeTime
from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.markers import INTERVAL, Markers

Told = list[tuple[int, str, int]]


class Reader:
    """A user who sets read markers, with the stored ones."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.markers = Markers(self.time.monotonic)
        self.stored: Told = []

    def mark(self, user: int, conversation: str, sequence: int) -> None:
        """Set a marker at a sequence."""
        store = partial(self.stored.append, (user, conversation, sequence))
        self.markers.mark(user, conversation, sequence, store)


def test_the_first_is_stored_at_once_and_the_last_after_the_interval() -> None:
    """Markers within an interval are skipped, and no state is kept after it."""
    reader = Reader()
    for sequence in range(1, 100):
        reader.mark(1, "#lobby", sequence)
    assert reader.stored == [(1, "#lobby", 1)]
    reader.markers.flush()
    assert reader.stored == [(1, "#lobby", 1)]
    reader.time.run(INTERVAL)
    reader.markers.flush()
    assert reader.stored == [(1, "#lobby", 1), (1, "#lobby", 99)]
    reader.time.run(INTERVAL)
    reader.markers.flush()
    assert len(reader.stored) == 2
    assert len(reader.markers) == 0


def test_conversations_and_users_do_not_wait_for_each_other() -> None:
    """Each conversation of each user has an interval of its own."""
    reader = Reader()
    told: Told = [(1, "#lobby", 5), (1, "@2", 5), (2, "#lobby", 5)]
    for each in told:
        reader.mark(*each)
    assert reader.stored == told


def test_the_markers_of_a_user_who_leaves_are_stored() -> None:
    """The markers of a user who leaves are stored at once; those of others wait."""
    reader = Reader()
    for sequence in (1, 2):
        for user in (1, 2):
            reader.mark(user, "#lobby", sequence)
    reader.markers.flush(1)
    assert reader.stored[2:] == [(1, "#lobby", 2)]


def test_a_marker_that_goes_back_is_not_stored() -> None:
    """Only a marker beyond the last one is stored."""
    reader = Reader()
    for sequence in (1, 9, 3):
        reader.mark(1, "#lobby", sequence)
    reader.markers.flush(1)
    assert reader.stored == [(1, "#lobby", 1), (1, "#lobby", 9)]


MARKS = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(["#a", "@1"]), st.integers(1, 50), st.floats(0, 3))
)


@given(MARKS)
def test_the_last_marker_is_always_stored(marks: list[tuple[int, str, int, float]]) -> None:
    """At most one marker is stored per interval, and the last one always."""
    reader = Reader()
    for user, conversation, sequence, seconds in marks:
        reader.time.run(seconds)
        reader.markers.flush()
        reader.mark(user, conversation, sequence)
    begun = 100.0
    for user in (1, 2):
        reader.markers.flush(user)
    conversations = {(user, conversation) for user, conversation, *_ in marks}
    for each in conversations:
        asked = [sequence for *where, sequence, _ in marks if tuple(where) == each]
        stored = [sequence for *where, sequence in reader.stored if tuple(where) == each]
        assert max(stored) == max(asked)
        assert len(stored) <= 2 + (reader.time.running - begun) / INTERVAL
