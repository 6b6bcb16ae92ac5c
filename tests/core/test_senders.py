"""The memory of which stream sent a message."""

from __future__ import annotations

from chat_grpc.core.senders import Senders


def test_the_stream_of_a_message() -> None:
    """The stream that sent a message is found; 0 for a message that no stream sent."""
    senders = Senders(3)
    for sequence, stream in ((2, 7), (4, 8), (6, 7)):
        senders.note(sequence, stream)
    assert [senders.find(each) for each in (2, 4, 6)] == [7, 8, 7]
    assert [senders.find(each) for each in (1, 3, 7)] == [None, 0, 0]


def test_only_the_newest_messages_are_remembered() -> None:
    """Beyond the limit the oldest is forgotten, and the answer is None, not a wrong one."""
    senders = Senders(3)
    for sequence in range(1, 8):
        senders.note(sequence, sequence * 10)
    assert [senders.find(each) for each in (3, 4, 5, 6, 7, 8)] == [None, None, 50, 60, 70, 0]
