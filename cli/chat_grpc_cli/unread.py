"""The unread messages of each conversation, and those that are for the user. Pure.

A message is unread if it is after the read marker of its conversation and was not deleted. A direct
message is for the user; a message of a room is if it mentions the user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.conversation import folded, key_of

MAX_COUNT = 1000
"""The contract's largest unread count; it stands for 1000 or more."""


class Waiting(NamedTuple):
    """A conversation that waits for the user."""

    key: str
    unread: int
    """Unread messages; 1000 stands for 1000 or more."""
    to_me: int
    """Direct messages and mentions. An edit can add a mention to a message that was read."""


@dataclass(slots=True)
class _State:
    name: str
    count: int = 0
    newest: int = 0
    """The newest message that is counted or read."""
    read: int = 0
    loaded: int = 0
    """The newest message that the server has counted; the later ones are in `known`."""
    known: set[int] = field(default_factory=set)
    """The unread messages whose sequences are known. The server only tells how many there are."""
    mentions: set[int] = field(default_factory=set)
    called: int = 0
    """The newest message for the user that was shown while another conversation was current."""

    def pass_by(self, sequence: int) -> None:
        """Drop what is read up to a sequence."""
        self.read = max(self.read, sequence)
        self.known = {each for each in self.known if each > sequence}
        self.mentions = {each for each in self.mentions if each > sequence}


class Unread:
    """The unread messages: the server's counts, and later messages."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        """By the folded keys of conversations."""

    def _state(self, conversation: str) -> _State:
        return self._states.setdefault(folded(conversation), _State(conversation))

    # ------------------------------------------------------- changes

    def load(self, conversations: Iterable[chat_pb2.Conversation]) -> None:
        """Take the server's counts, except where later messages are known."""
        for each in conversations:
            name, last = key_of(each), each.last_message.sequence
            state = self._state(name)
            state.name = name
            if each.read_sequence > state.read:
                state.pass_by(each.read_sequence)
            if last >= state.newest:
                state.newest = state.loaded = last
                # A count before the newest marker also counts messages that are read by now.
                late = each.read_sequence < state.read
                state.count = len(state.known) if late else each.unread_count
            else:
                state.count = max(state.count, each.unread_count)

    def came(self, conversation: str, sequence: int, *, to_me: bool = False) -> None:
        """Count a message of another user unless it was counted; `to_me` is for mentions."""
        state = self._state(conversation)
        if sequence > state.read and to_me:
            state.mentions.add(sequence)
        if sequence > state.read and len(state.known) < MAX_COUNT:
            state.known.add(sequence)
        if sequence > state.newest:
            state.name = conversation
            state.newest = sequence
            state.count = min(state.count + 1, MAX_COUNT)

    def mentioned(self, conversation: str, sequence: int) -> None:
        """Note that an edit added a mention to a message, which may have been read."""
        self._state(conversation).mentions.add(sequence)

    def unmentioned(self, sequence: int) -> None:
        """Note that an edit removed the mention from a message."""
        for state in self._states.values():
            state.mentions.discard(sequence)

    def deleted(self, sequence: int) -> bool:
        """Note that a message was deleted. Return True if the counts have to be loaded again.

        The event does not tell the conversation, so a message that only the server has counted
        cannot be found here.
        """
        self.unmentioned(sequence)
        for state in self._states.values():
            if sequence in state.known:
                state.known.discard(sequence)
                state.count = max(state.count - 1, 0)
                return state.count > len(state.known)
        return any(sequence > s.read and s.count > len(s.known) for s in self._states.values())

    def read(self, conversation: str, sequence: int) -> None:
        """Note that a conversation was read up to a sequence."""
        state = self._state(conversation)
        state.pass_by(sequence)
        state.newest = max(state.newest, sequence)
        if sequence >= state.loaded:
            state.count = len(state.known)

    def called(self, conversation: str, sequence: int) -> None:
        """Note that a message for the user was shown while another conversation was current."""
        self._state(conversation).called = sequence

    def visited(self, conversation: str) -> None:
        """Note that the user went to a conversation, or answered there."""
        state = self._states.get(folded(conversation))
        if state is not None:
            state.called = 0
            state.mentions.clear()

    def forget(self, conversation: str) -> None:
        """Drop a conversation that is no longer the user's."""
        self._states.pop(folded(conversation), None)

    def clear(self) -> None:
        """Forget all conversations, because the server has another log."""
        self._states.clear()

    # ------------------------------------------------------- questions

    def read_up_to(self, conversation: str) -> int:
        """Return the last sequence that was read there, or 0."""
        state = self._states.get(folded(conversation))
        return state.read if state is not None else 0

    def count(self, conversation: str) -> int:
        """Return the number of unread messages in a conversation."""
        state = self._states.get(folded(conversation))
        return state.count if state is not None else 0

    def to_me(self, conversation: str) -> int:
        """Return the number of unread direct messages, or of mentions that were not visited."""
        state = self._states.get(folded(conversation))
        return _to_me(state) if state is not None else 0

    def mentions(self, sequence: int) -> bool:
        """Return True if a message is among the mentions that were not visited."""
        return any(sequence in state.mentions for state in self._states.values())

    def calls(self, conversation: str) -> bool:
        """Return True if a message for the user was shown elsewhere, and not visited since."""
        state = self._states.get(folded(conversation))
        return state is not None and state.called > 0

    def waiting(self, but: str) -> list[Waiting]:
        """Return the conversations that wait for the user, except `but`.

        Direct messages come first, then rooms with mentions; then most messages.
        """
        found = [
            Waiting(state.name, state.count, _to_me(state))
            for key, state in self._states.items()
            if (state.count or state.mentions) and key != folded(but)
        ]
        return sorted(found, key=_urgency)

    def next(self, but: str) -> str:
        """Return the conversation to go to from `but`, or an empty text.

        First what is for the user: unread, or shown while another conversation was current and not
        visited since. Then the conversation with most unread messages.
        """
        waiting = self.waiting(but)
        if waiting and waiting[0].to_me:
            return waiting[0].key
        here = folded(but)
        called = [(s.called, s.name) for key, s in self._states.items() if s.called and key != here]
        if called:
            return max(called)[1]
        return waiting[0].key if waiting else ""

    @property
    def keys(self) -> list[str]:
        """The keys of the known conversations."""
        return [state.name for state in self._states.values()]


def _to_me(state: _State) -> int:
    return state.count if state.name.startswith("@") else len(state.mentions)


def _urgency(each: Waiting) -> tuple[bool, bool, int, str]:
    return not each.to_me, not each.key.startswith("@"), -each.unread, each.key
