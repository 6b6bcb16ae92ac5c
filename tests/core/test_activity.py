"""The activity of a node is collected at a bounded cost."""

from __future__ import annotations

import pytest

from chat_grpc.core.activity import AT_ONCE, Activity
from chat_grpc.core.errors import NameTaken, RateLimited


def test_a_storm_is_summed() -> None:
    """Of many notes of one kind a few are kept, and the rest are counted, until they are taken."""
    activity = Activity()
    for number in range(1000):
        activity.note("stream opened", stream=number)
    activity.note("room created", room="ops")
    notes, more = activity.take()
    opened = [note.values["stream"] for note in notes if note.kind == "stream opened"]
    assert opened == list(range(AT_ONCE))
    assert notes[-1] == ("room created", {"room": "ops"})
    assert more == {"stream opened": 1000 - AT_ONCE}
    assert activity.take() == ([], {})


def test_refusals_are_counted_by_reason() -> None:
    """An error of the block is counted with its address; one of a limit is counted elsewhere."""
    activity = Activity()
    for error in (NameTaken("taken"), RateLimited("fast", metadata={"limit": "guests_per_minute"})):
        with pytest.raises(type(error)), activity.refusing("192.0.2.1"):
            raise error
    assert activity.refusals == {"NAME_TAKEN": 1}
    assert activity.refused_addresses == {"NAME_TAKEN": "192.0.2.1"}
