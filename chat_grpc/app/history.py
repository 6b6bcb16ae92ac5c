"""`ListMessages`, `SearchMessages`, `ListConversations`."""

from __future__ import annotations

from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import (
    fitting,
    listing,
    message_page_size,
    number_of,
    page_token,
    position_of,
)
from chat_grpc.app.rooms import lobby_message, room_message
from chat_grpc.app.targets import readable
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import FieldInvalid
from chat_grpc.core.hub import Hub
from chat_grpc.core.names import room_key
from chat_grpc.core.room_rules import channel_of
from chat_grpc.core.stream import FOREVER, LOBBY_CHANNEL
from chat_grpc.core.user import User
from chat_grpc.core.words import channel_word, place_words
from chat_grpc.journal.history import History, Overview
from chat_grpc.v1 import chat_pb2

_MESSAGES, _FOUND, _CONVERSATIONS = "messages", "found", "conversations"


class HistoryMethods:
    """The methods that read stored messages. Belongs to the event loop."""

    def __init__(self, hub: Hub, history: History, identity: Identity) -> None:
        self._hub = hub
        self._history = history
        self._identity = identity

    async def list_messages(
        self, request: chat_pb2.ListMessagesRequest, caller: Caller
    ) -> chat_pb2.ListMessagesResponse:
        """List the messages of one conversation, newest first."""
        reader = caller.user
        size = message_page_size(request.page_size)
        if request.before_sequence < 0 or request.after_sequence < 0:
            raise FieldInvalid("before_sequence and after_sequence are 0 or more.")
        of = listing(_MESSAGES, request)
        page_before = number_of(request.page_token, of) or FOREVER
        before = min(request.before_sequence or FOREVER, page_before)
        channels = await readable(self._hub, self._identity, reader, request.target)
        after = max(request.after_sequence, self._hub.intake.first_sequence(channels))
        found = await self._history.messages(
            channels, reader, before=before, after=after, limit=size + 1
        )
        messages, token = _page(found, size, of)
        return chat_pb2.ListMessagesResponse(messages=messages, next_page_token=token)

    async def search_messages(
        self, request: chat_pb2.SearchMessagesRequest, caller: Caller
    ) -> chat_pb2.SearchMessagesResponse:
        """Search the messages that the caller may read, newest first."""
        reader = caller.user
        size = message_page_size(request.page_size)
        of = listing(_FOUND, request)
        before = number_of(request.page_token, of) or FOREVER
        if not request.query.strip():
            raise FieldInvalid("The query is empty; give words that the text contains.")
        if request.HasField("target"):
            channels = await readable(self._hub, self._identity, reader, request.target)
            places = [place_words(channels)]
        else:
            places = [
                channel_word(channel) for channel in (*self._rooms_of(reader), f"@{reader.number}")
            ]
        found = await self._history.search(
            request.query, places, reader, before=before, limit=size + 1
        )
        messages, token = _page([*filter(self._exists, found.messages)], size, of)
        if not token and found.searched:
            # The search used up its time: the next page continues from there.
            token = page_token(of, found.searched)
        return chat_pb2.SearchMessagesResponse(messages=messages, next_page_token=token)

    async def list_conversations(
        self, request: chat_pb2.ListConversationsRequest, caller: Caller
    ) -> chat_pb2.ListConversationsResponse:
        """List the caller's conversations, the one with the newest message first."""
        reader = caller.user
        size = message_page_size(request.page_size)
        # The first page's head orders all pages, so that no conversation is missed or repeated.
        of = listing(_CONVERSATIONS, request)
        head, position, name = position_of(request.page_token, of, self._hub.head, FOREVER, "")
        assert isinstance(head, int)
        assert isinstance(position, int)
        found = await self._history.conversations(
            reader,
            self._rooms_of(reader),
            head=head,
            after=(position, str(name)),
            limit=size + 1,
        )
        response = chat_pb2.ListConversationsResponse()
        # A room may have been deleted, or left, while the store was read.
        rooms = self._rooms_of(reader)
        there = [each for each in found if each.other is not None or each.name in rooms]
        described = [self._describe(overview, reader) for overview in there]
        count = fitting(described, size)
        response.conversations.extend(described[:count])
        if len(there) > count or len(found) > size:
            last = there[count - 1] if len(there) > count else found[-1]
            response.next_page_token = page_token(of, head, last.position, last.name)
        return response

    def _rooms_of(self, reader: User) -> dict[str, int]:
        """Return the channels of a user's rooms, with the sequences of their creation."""
        rooms = self._hub.rooms.of(reader.number)
        return {LOBBY_CHANNEL: 0} | {channel_of(room.key): room.created for room in rooms}

    def _exists(self, stored: chat_pb2.StoredMessage) -> bool:
        """Return False for a message of a deleted room, whose name another room may have."""
        message = stored.message
        if not message.HasField("room"):
            return True
        return stored.sequence > self._hub.rooms.created(room_key(message.room))

    def _describe(self, overview: Overview, reader: User) -> chat_pb2.Conversation:
        conversation = chat_pb2.Conversation()
        if overview.other is not None:
            conversation.user.number = overview.other.number
            conversation.user.name = overview.other.name
        elif overview.name == LOBBY_CHANNEL:
            conversation.room.CopyFrom(lobby_message(self._hub))
        else:
            room = self._hub.rooms.known(overview.name[1:])
            conversation.room.CopyFrom(room_message(room, reader.number))
        if overview.last is not None:
            conversation.last_message.CopyFrom(overview.last)
        conversation.read_sequence = overview.read
        conversation.unread_count = overview.unread
        return conversation


def _page(
    found: list[chat_pb2.StoredMessage], size: int, of: str
) -> tuple[list[chat_pb2.StoredMessage], str]:
    """Return a page of the found messages, and the token of the next page, or an empty one."""
    count = fitting(found, size)
    token = page_token(of, found[count - 1].sequence) if len(found) > count else ""
    return found[:count], token
