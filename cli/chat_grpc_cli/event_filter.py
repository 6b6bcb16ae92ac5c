"""The events that `tail` prints or hands to a command."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from chat_grpc.client import ChatClient, Refused
from chat_grpc.client.arguments import Recipient
from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli.event_kinds import KINDS

_MAX_KNOWN = 100_000
"""Maximum number of messages whose conversation is remembered."""


class EventFilter:
    """Chooses events by kind and conversation. Other events, such as `welcome`, always pass."""

    def __init__(
        self, chat: ChatClient, to: Recipient, kinds: Collection[str], *, mentions: bool
    ) -> None:
        """`to` is a conversation; None for all. No `kinds` are all kinds.

        `mentions` lets only direct messages and those that mention the user pass, of the kinds
        `message` and `edited`.
        """
        self._chat = chat
        self._to = to
        self._kinds = kinds
        self._mentions = mentions
        self._known: OrderedDict[int, bool] = OrderedDict()
        """For the newest messages by sequence: whether they are of the conversation."""

    async def passes(self, event: chat_pb2.Event) -> bool:
        """Return True if an event is chosen. May ask the server for a message that it names."""
        kind = event.WhichOneof("event") or ""
        if kind == "message" and self._to is not None:
            self._learn(event.sequence, self._is_of(event.message))
        if kind not in KINDS:
            return True
        if self._kinds and kind not in self._kinds:
            return False
        if self._mentions and not mentions(event, self._chat.me.number):
            return False
        return self._to is None or await self._of_conversation(event, kind)

    async def _of_conversation(self, event: chat_pb2.Event, kind: str) -> bool:
        match kind:
            case "message":
                return self._is_of(event.message)
            case "edited":
                return self._is_of(event.edited.message)
            case "deleted":
                return await self._holds(event.deleted.target_sequence)
            case "reaction":
                return await self._holds(event.reaction.target_sequence)
            case "typing":
                return self._is(event.typing.room, event.typing.author)
            case "read_marker":
                return self._is(event.read_marker.room, event.read_marker.user)
            case "room_change":
                return self._is(event.room_change.room.name, chat_pb2.Author())
        return False

    def _is_of(self, message: chat_pb2.Message) -> bool:
        own = message.author.number == self._chat.me.number
        return self._is(message.room, message.user if own else message.author)

    def _is(self, room: str, other: chat_pb2.Author) -> bool:
        """Return True for the conversation with a room or, if it is empty, with a user."""
        if isinstance(self._to, int):
            return not room and other.number == self._to
        assert self._to is not None
        if self._to.startswith("#"):
            return same_name(room, self._to[1:])
        return not room and same_name(other.name, self._to)

    async def _holds(self, sequence: int) -> bool:
        """Return True if a message, which an event names only by its sequence, is of `to`."""
        if sequence not in self._known:
            pages = self._chat.history(self._to, before=sequence + 1, after=sequence - 1, limit=1)
            try:
                self._learn(sequence, bool(await pages.all()))
            except Refused as error:
                if error.reason not in {"NOT_A_MEMBER", "ROOM_NOT_FOUND", "USER_NOT_FOUND"}:
                    raise
                return False
        return self._known[sequence]

    def _learn(self, sequence: int, of_conversation: bool) -> None:
        self._known[sequence] = of_conversation
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)


def mentions(event: chat_pb2.Event, me: int) -> bool:
    """Return True for a message, or its new text, that is sent to a user or mentions them."""
    kind = event.WhichOneof("event")
    if kind not in {"message", "edited"}:
        return False
    message = event.message if kind == "message" else event.edited.message
    return me in message.mentioned_numbers or message.user.number == me
