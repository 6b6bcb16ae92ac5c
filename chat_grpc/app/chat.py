"""`ListClients` and `SendTo`."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice

from chat_grpc.app.answer import Answer
from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import listing, number_of, page_size, page_token
from chat_grpc.app.stream_requests import take_key
from chat_grpc.app.targets import check_reply, resolve_recipient
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import ChatError
from chat_grpc.core.hub import Hub
from chat_grpc.core.intake import check_request_id, check_text
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.names import room_key
from chat_grpc.core.presence import client_message
from chat_grpc.core.room_rules import LOBBY
from chat_grpc.core.stream import Client
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

_CLIENTS = "clients"


class ChatMethods:
    """The methods for callers without a stream. Belongs to the event loop."""

    def __init__(
        self, hub: Hub, journal: Journal, identity: Identity, mentions: Mentions, node: str
    ) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._mentions = mentions
        self._node = node

    async def list_clients(
        self, request: chat_pb2.ListClientsRequest, caller: Caller
    ) -> chat_pb2.ListClientsResponse:
        """List the connected clients, by ascending number."""
        size = page_size(request.page_size)
        of = listing(_CLIENTS, request)
        after = number_of(request.page_token, of)
        page, count = self._page(request.room, after, size + 1, caller)
        response = chat_pb2.ListClientsResponse(total_count=count)
        for client in page[:size]:
            if client.listed is None:
                client.listed = client_message(client, self._node)
            response.clients.append(client.listed)
        if len(page) > size:
            response.next_page_token = page_token(of, page[size - 1].user.number)
        return response

    def _page(self, room: str, after: int, limit: int, caller: Caller) -> tuple[list[Client], int]:
        """Return some connected clients with a number above `after`, and the count of all."""
        clients = self._hub.clients
        if not room or (key := room_key(room)) == LOBBY:
            return [*islice(clients.connected(after), limit)], clients.connected_count
        numbers = self._hub.rooms.members_for(key, caller.number).numbers
        connected = clients.connected_of(numbers)
        start = bisect_right(connected, after, key=lambda client: client.user.number)
        return connected[start : start + limit], len(connected)

    async def send_to(
        self, request: chat_pb2.SendToRequest, caller: Caller
    ) -> chat_pb2.SendToResponse:
        """Send a message, and answer when it is stored."""
        author = caller.user
        key = take_key("send", request)
        try:
            check_request_id(key.request_id)
            check_text(request.text)
            to = await resolve_recipient(self._identity, author, request.target)
            mentioned = await self._mentions.numbers(request.text, author, to)
            await self._journal.drained(author.number)
            await check_reply(self._hub, self._journal.history, author, to, request.reply_to)
            answer = Answer()
            self._hub.intake.submit(
                answer, author, to, request.text, request.reply_to, key, mentioned
            )
        except ChatError:
            # A request that was carried out is not refused later, even if rights have changed.
            first, time = await self._journal.history.first_answer(author, key)
            if not first:
                raise
            response = chat_pb2.SendToResponse(sequence=first, duplicate=True)
            response.time.FromNanoseconds(time)
            return response
        settled = await answer.settled()
        response = chat_pb2.SendToResponse(
            sequence=settled.outcome.sequence,
            duplicate=settled.outcome.duplicate,
            recipient_stream_count=settled.recipient_stream_count,
        )
        response.time.FromNanoseconds(settled.outcome.time)
        return response
