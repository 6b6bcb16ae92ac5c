"""The file of ignored users."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_grpc_cli.files import StateUnusable
from chat_grpc_cli.ignoring import IgnoreFile
from chat_grpc_cli.view import View

from chat_grpc.v1 import chat_pb2

pytestmark = pytest.mark.usefixtures("state")


def test_changes_of_two_terminals_are_kept(state: Path) -> None:
    """Each change is made to the stored users, so that two terminals of a user lose none."""
    one, other = IgnoreFile("localhost:1", "alice"), IgnoreFile("localhost:1", "alice")
    one.change("log", 2, "bob")
    assert other.change("log", 3, "carol") == {2: "bob", 3: "carol"}
    assert one.change("log", 2, None) == {3: "carol"}
    assert IgnoreFile("localhost:1", "alice").load("log") == {3: "carol"}
    assert IgnoreFile("localhost:1", "dora").load("log") == {}
    assert IgnoreFile("localhost:2", "alice").load("log") == {}
    (file,) = state.glob("ignored-*.json")
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_log_has_other_users() -> None:
    """With another log nobody is ignored: its numbers belong to other users."""
    kept = IgnoreFile("localhost:1", "alice")
    kept.change("log", 2, "bob")
    assert kept.load("other") == {}
    assert kept.change("other", 5, "eve") == {5: "eve"}


def test_a_damaged_file_counts_as_missing(state: Path) -> None:
    """A file that is no list of users ignores nobody; a folder that cannot be written is told."""
    kept = IgnoreFile("localhost:1", "alice")
    kept.change("log", 2, "bob")
    (file,) = state.glob("ignored-*.json")
    for text in ("", "[]", "7", '{"log_id": "log"}', '{"log_id": "log", "users": 7}'):
        file.write_text(text)
        assert kept.load("log") == {}
    file.unlink()
    state.rmdir()
    state.write_text("not a folder")
    with pytest.raises(StateUnusable):
        kept.change("log", 2, "bob")


def test_ignored_users_are_not_counted() -> None:
    """Messages of an ignored user are neither shown, nor counted, nor part of a page."""
    view = View()
    view.me = chat_pb2.Client(number=1, name="alice")
    view.ignored = {2: "bob"}
    bob, me = chat_pb2.Author(number=2, name="bob"), chat_pb2.Author(number=1, name="alice")
    conversation = chat_pb2.Conversation(user=bob, unread_count=3)
    conversation.last_message.sequence = 9
    view.set_conversations([conversation])
    assert view.unread.waiting("") == []
    message = chat_pb2.Message(author=bob, user=me, text="hi")
    stored = chat_pb2.StoredMessage(sequence=10, message=message)
    assert view.concealed([stored]) == []
