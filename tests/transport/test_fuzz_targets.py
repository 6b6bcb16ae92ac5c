"""The targets of `make fuzz` find nothing in the bytes of the tests, nor in random ones."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from fuzz.seeds import seeds
from fuzz.targets import TARGETS, Defect, connection, headers, messages
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_grpc.transport.http2.connection import Connection
from chat_grpc.transport.http2.streams import Event

SEEDS = seeds()


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_no_findings(name: str) -> None:
    """Each target has seeds, and runs them."""
    assert len(SEEDS[name]) > 10
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """Draw a seed with a few changes."""
    data = bytearray(draw(st.sampled_from(SEEDS[name])))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(mutated("connection"))
def test_the_pieces_of_its_input_do_not_matter_to_a_connection(data: bytes) -> None:
    """The same bytes give the same events and the same output, which is bounded."""
    connection(data)


@settings(max_examples=200, deadline=None)
@given(mutated("headers"))
def test_any_header_block_is_read_or_refused(data: bytes) -> None:
    """Nothing but the documented errors comes of it."""
    headers(data)


@settings(max_examples=200, deadline=None)
@given(mutated("messages"))
def test_the_pieces_of_its_input_do_not_matter_to_messages(data: bytes) -> None:
    """The same bytes give the same messages and the same failure."""
    messages(data)


def _forgets_events(receive: Callable[..., list[Event]]) -> object:
    """Return a planted bug: events of short inputs are lost."""

    def planted(self: Connection, data: bytes, until: float = math.inf) -> list[Event]:
        return receive(self, data, until)[: len(data) // 10]

    return planted


def test_a_target_finds_a_planted_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison of pieces can fail."""
    monkeypatch.setattr(Connection, "receive", _forgets_events(Connection.receive))
    longest = max(SEEDS["connection"], key=len)
    with pytest.raises(Defect):
        connection(longest)
