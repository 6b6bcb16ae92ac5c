"""The counts of unread messages and of mentions."""

from __future__ import annotations

from chat_grpc_cli.highlight import Highlight
from chat_grpc_cli.unread import Unread

from chat_grpc.v1 import chat_pb2


def listed(name: str, last: int, unread: int, read: int = 0) -> chat_pb2.Conversation:
    """Return a room's conversation as the server lists it."""
    return chat_pb2.Conversation(
        room=chat_pb2.Room(name=name),
        last_message=chat_pb2.StoredMessage(sequence=last),
        unread_count=unread,
        read_sequence=read,
    )


def waiting(unread: Unread, but: str = "") -> list[tuple[str, int, int]]:
    """Return the waiting conversations as plain tuples."""
    return [(each.key, each.unread, each.to_me) for each in unread.waiting(but)]


def test_unread_messages_are_counted() -> None:
    """Unread messages are counted from the server's count, each once; read ones stay read."""
    unread = Unread()
    unread.came("#Ops", 5)
    unread.came("#ops", 5)
    assert waiting(unread) == [("#Ops", 1, 0)]
    unread.load([listed("ops", 9, 4, 2), listed("lobby", 3, 0), listed("big", 8, 1000)])
    assert waiting(unread, "#BIG") == [("#ops", 4, 0)]
    assert unread.read_up_to("#ops") == 2
    unread.came("#ops", 9)
    unread.came("#ops", 10)
    unread.came("#big", 11)
    assert waiting(unread) == [("#big", 1000, 0), ("#ops", 5, 0)]
    unread.read("#ops", 8)
    assert unread.count("#ops") == 5, "only the server knows how many of its four are read"
    unread.read("#ops", 9)
    assert unread.count("#ops") == 1
    unread.read("#ops", 10)
    unread.load([listed("ops", 10, 1, 9)])
    assert unread.count("#ops") == 0
    unread.came("#ops", 12)
    unread.load([listed("ops", 10, 0, 10)])
    assert unread.count("#ops") == 1
    unread.forget("#BIG")
    assert unread.keys == ["#ops", "#lobby"]


def test_a_count_from_before_the_read_marker_is_not_taken() -> None:
    """The server counts messages that were read since; later ones are counted here."""
    unread = Unread()
    unread.load([listed("ops", 9, 4, 2)])
    unread.read("#ops", 9)
    unread.came("#ops", 11)
    unread.load([listed("ops", 11, 5, 2)])
    assert unread.count("#ops") == 1


def test_a_deleted_message_is_not_unread() -> None:
    """A deletion lowers the count; a message that only the server counted is counted again."""
    unread = Unread()
    unread.load([listed("ops", 9, 4, 2)])
    unread.came("#ops", 12, to_me=True)
    assert waiting(unread) == [("#ops", 5, 1)]
    assert not unread.deleted(1), "it was read"
    assert unread.deleted(7)
    unread.load([listed("ops", 12, 4, 2)])
    unread.deleted(12)
    assert waiting(unread) == [("#ops", 3, 0)]
    fresh = Unread()
    fresh.came("#ops", 5)
    assert not fresh.deleted(5), "nothing is left that only the server knows"
    assert waiting(fresh) == []


def test_messages_for_the_user_come_first() -> None:
    """Direct messages come first, then mentions, then the most messages."""
    unread = Unread()
    for sequence in range(1, 9):
        unread.came("#busy", sequence)
    unread.came("#ops", 10, to_me=True)
    unread.came("@2", 11)
    assert waiting(unread) == [("@2", 1, 1), ("#ops", 1, 1), ("#busy", 8, 0)]
    assert [unread.next(here) for here in ("", "@2")] == ["@2", "#ops"]
    unread.read("@2", 11)
    unread.read("#ops", 10)
    assert unread.next("") == "#busy"
    unread.called("#ops", 12)
    unread.called("@2", 13)
    assert [unread.next(here) for here in ("", "@2")] == ["@2", "#ops"], "shown, but not visited"
    unread.visited("@2")
    unread.visited("#ops")
    assert unread.next("") == "#busy"
    assert unread.next("#busy") == ""


def test_mentions_are_read_with_their_room() -> None:
    """A mention that an edit added counts until the room is visited or its marker moves."""
    unread = Unread()
    unread.load([listed("ops", 9, 0, 9)])
    unread.mentioned("#ops", 8)
    assert waiting(unread) == [("#ops", 0, 1)]
    unread.unmentioned(8)
    assert waiting(unread) == []
    unread.mentioned("#ops", 8)
    unread.came("#ops", 10, to_me=True)
    unread.read("#ops", 9)
    assert waiting(unread) == [("#ops", 1, 1)]


def test_highlight_words_are_whole_words() -> None:
    """A word is found in upper and lower case, between other letters it is not."""
    found = Highlight(["deploy", "c++", "Grüße"])
    for text in ("the DEPLOY failed", "deploy!", "c++, then", "GRÜSSE"):
        assert found(text)
    for text in ("redeployed", "deployed", "c+"):
        assert not found(text)
    assert not Highlight()("deploy")
