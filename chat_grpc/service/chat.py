"""The unary methods of `ChatService`."""

from __future__ import annotations

import asyncio
import base64
import binascii

from chat_grpc.core import limits
from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import ChatError, FieldInvalid, PageTokenInvalid, RoomNotFound
from chat_grpc.core.hub import LOBBY, Hub
from chat_grpc.core.presence import client_message
from chat_grpc.journal import Journal
from chat_grpc.service.connect import resolve
from chat_grpc.service.guard import Context
from chat_grpc.service.identity import Identity
from chat_grpc.v1 import chat_pb2


class ChatMethods:
    """`ListClients` and `SendTo`: what serves callers that hold no stream."""

    def __init__(self, hub: Hub, journal: Journal, identity: Identity, node: str) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._node = node

    async def list_clients(
        self, request: chat_pb2.ListClientsRequest, _: Context
    ) -> chat_pb2.ListClientsResponse:
        """Lists the clients that are connected now, by rising number."""
        size = page_size(request.page_size)
        after = number_of(request.page_token)
        if request.room and request.room.lower() != LOBBY:
            raise RoomNotFound(f"There is no room {request.room}.", metadata={"room": request.room})
        connected = self._hub.connected()
        rest = [client for client in connected if client.user.number > after]
        response = chat_pb2.ListClientsResponse(total_count=len(connected))
        for client in rest[:size]:
            response.clients.append(client_message(client, self._node))
        if len(rest) > size:
            response.next_page_token = page_token(rest[size - 1].user.number)
        return response

    async def send_to(
        self, request: chat_pb2.SendToRequest, context: Context
    ) -> chat_pb2.SendToResponse:
        """Sends a message, and answers when it is stored."""
        author = await self._identity.required(context.invocation_metadata() or ())
        to = await resolve(self._identity, request.target)
        await self._journal.drained()
        answer = _Answer()
        self._hub.submit(answer, author, to, request.text, request.request_id, request.reply_to)
        return await answer.future


class _Answer:
    """Waits for the log's answer to one `SendTo`."""

    def __init__(self) -> None:
        self.future: asyncio.Future[chat_pb2.SendToResponse] = (
            asyncio.get_running_loop().create_future()
        )

    def stored(self, entry: Entry, recipient_stream_count: int) -> None:
        """Is told that the entry is in the log."""
        if self.future.done():
            return
        response = chat_pb2.SendToResponse(
            sequence=entry.sequence,
            duplicate=entry.duplicate,
            recipient_stream_count=recipient_stream_count,
        )
        response.time.FromNanoseconds(entry.time)
        self.future.set_result(response)

    def refused(self, error: ChatError) -> None:
        """Is told that the entry is not in the log."""
        if not self.future.done():
            self.future.set_exception(error)


def page_size(asked: int) -> int:
    """Gives the length of a page. Raises `FieldInvalid` for a negative one."""
    if asked < 0:
        raise FieldInvalid("page_size is 0 or more.")
    return min(asked or limits.DEFAULT_PAGE, limits.MAX_PAGE)


def page_token(number: int) -> str:
    """Makes the token of the page after a number."""
    return base64.urlsafe_b64encode(b"n%d" % number).decode().rstrip("=")


def number_of(token: str) -> int:
    """Gives the number in a page token, 0 for none. Raises `PageTokenInvalid`."""
    if not token:
        return 0
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        number = int(text[1:]) if text[:1] == b"n" and text[1:].isdigit() else 0
    except (binascii.Error, ValueError):
        number = 0
    if number < 1 or page_token(number) != token:
        raise PageTokenInvalid("The page_token is not one that this server gave.")
    return number
