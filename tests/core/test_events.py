"""The manual encoding of events equals protobuf's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_grpc.core.events import (
    encode,
    encode_caught_up,
    encode_sent,
    encode_stored,
    message_content,
    replaced,
    to_room,
    varint,
)
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

NUMBERS = st.integers(1, 2**31 - 1)
SEQUENCES = st.integers(1, 2**62)
NANOSECONDS = st.integers(10**9, 2**62)
NAMES = st.text(min_size=1, max_size=32)


@given(
    sequence=SEQUENCES,
    nanoseconds=NANOSECONDS,
    author=st.tuples(NUMBERS, NAMES),
    to=st.one_of(NAMES, st.tuples(NUMBERS, NAMES)),
    text=st.text(min_size=1, max_size=300),
    reply_to=st.one_of(st.just(0), SEQUENCES),
    mentioned=st.lists(NUMBERS, max_size=5),
)
def test_a_message_is_encoded_as_protobuf_would(
    sequence: int,
    nanoseconds: int,
    author: tuple[int, str],
    to: str | tuple[int, str],
    text: str,
    reply_to: int,
    mentioned: list[int],
) -> None:
    """A message is encoded as a ConnectResponse with this one event."""
    writer = User(*author, key="")
    target = to_room(to) if isinstance(to, str) else User(*to, key="").addressee
    content = message_content(
        nanoseconds, writer.author, target, text.encode(), reply_to, mentioned
    )
    expected = chat_pb2.ConnectResponse()
    event = expected.events.add(sequence=sequence)
    event.time.FromNanoseconds(nanoseconds)
    event.message.author.number, event.message.author.name = author
    if isinstance(to, str):
        event.message.room = to
    else:
        event.message.user.number, event.message.user.name = to
    event.message.text = text
    event.message.reply_to = reply_to
    event.message.mentioned_numbers.extend(mentioned)
    encoded = encode_stored(sequence, content)
    assert chat_pb2.ConnectResponse.FromString(encoded) == expected
    assert encoded == expected.SerializeToString(deterministic=True)


@given(
    request_id=st.text("abc-", min_size=1, max_size=64),
    sequence=SEQUENCES,
    nanoseconds=NANOSECONDS,
    duplicate=st.booleans(),
)
def test_sent_is_encoded_as_protobuf_would(
    request_id: str, sequence: int, nanoseconds: int, duplicate: bool
) -> None:
    """`sent` is encoded as protobuf does."""
    sent = chat_pb2.Sent(request_id=request_id, sequence=sequence, duplicate=duplicate)
    event = chat_pb2.Event(sent=sent)
    event.time.FromNanoseconds(nanoseconds)
    encoded = encode_sent(request_id.encode(), sequence, nanoseconds, duplicate=duplicate)
    assert encoded == encode(event)


@given(head=st.integers(0, 2**63 - 1), nanoseconds=NANOSECONDS, fell_behind=st.booleans())
def test_caught_up_is_encoded_as_protobuf_would(
    head: int, nanoseconds: int, fell_behind: bool
) -> None:
    """`caught_up` is encoded as protobuf does."""
    caught_up = chat_pb2.CaughtUp(head_sequence=head, fell_behind=fell_behind)
    event = chat_pb2.Event(caught_up=caught_up)
    event.time.FromNanoseconds(nanoseconds)
    assert encode_caught_up(head, nanoseconds, fell_behind=fell_behind) == encode(event)


@given(st.integers(0, 2**63 - 1))
def test_varint(number: int) -> None:
    """A varint is encoded as protobuf does."""
    encoded = chat_pb2.Event(sequence=number).SerializeToString()
    assert encoded == (b"\x08" + varint(number) if number else b"")


@given(
    st.lists(SEQUENCES, unique=True, max_size=20).map(sorted),
    st.dictionaries(SEQUENCES, st.booleans(), max_size=5),
)
def test_encoded_events_are_replaced_in_joined_ones(
    sequences: list[int], more: dict[int, bool]
) -> None:
    """Given events are replaced or removed; the others keep their bytes and order."""
    gone = {sequence: sequence % 2 == 0 for sequence in sequences[::3]} | more
    author, to = User(1, "a", "a").author, to_room("lobby")
    joined = b"".join(
        encode_stored(sequence, message_content(1, author, to, b"x" * 200))
        for sequence in sequences
    )
    news = {
        sequence: b"" if empty else encode_stored(sequence, message_content(1, author, to, b"new"))
        for sequence, empty in gone.items()
    }
    left = chat_pb2.ConnectResponse.FromString(replaced(joined, news)).events
    assert [(event.sequence, event.message.text) for event in left] == [
        (sequence, "new" if sequence in gone else "x" * 200)
        for sequence in sequences
        if not gone.get(sequence)
    ]
