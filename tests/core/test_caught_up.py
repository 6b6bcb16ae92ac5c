"""`caught_up` comes only after every earlier event."""

from __future__ import annotations

import pytest
from core.node import entry, node
from support import eventually

from chat_grpc.core.limits import MAX_OUTBOX_BYTES, MAX_RESPONSE_BYTES


async def test_a_stream_that_falls_behind_at_the_head() -> None:
    """If the last page is dropped before it is written, so is the `caught_up` that followed it."""
    async with node([entry(1)]) as made:
        made.may_read.set()
        stream = made.open(after=0)
        await eventually(lambda: stream.delivery.live)
        count = MAX_OUTBOX_BYTES // MAX_RESPONSE_BYTES + 3
        for sequence in range(2, count):
            late = entry(sequence, MAX_RESPONSE_BYTES - 1000)
            made.log.append(late)
            made.hub.deliver([late])
        made.pacer.start()
        await eventually(lambda: made.heads() == [(count - 1, True)])
        made.check()
        assert [e.sequence for e in made.seen if e.sequence] == list(range(1, count))


async def test_presence_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that missed presence while catching up is told to list clients once it is live."""
    monkeypatch.setattr("chat_grpc.core.limits.PRESENCE_BUDGET", 0)
    async with node([entry(1)]) as made:
        made.pacer.start()
        made.open(after=0)
        live = made.open(after=None)
        made.hub.tick()
        made.may_read.set()
        await eventually(lambda: len(made.heads()) == 3)
        assert live.delivery.live
        assert made.heads() == [(1, False), (1, True), (1, True)]
        assert [event.sequence for event in made.seen].index(1) == 2
