"""Calls for programs that hold no stream: scripts, hooks, tests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from grpc import aio

from chat_grpc.client.channel import DEFAULT_SERVER, authorization, open_channel
from chat_grpc.client.errors import from_call
from chat_grpc.client.requests import To, check_size, make_send
from chat_grpc.v1 import account_pb2, account_pb2_grpc, chat_pb2, chat_pb2_grpc


class ChatCalls:
    """The unary methods of the chat, one connection, no retries.

    Each method raises `Refused` or `Unreachable`. Belongs to the event loop on which it is entered.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """`token` names the caller; `sign_in` sets it. `timeout` is in seconds, for each call.

        `channel_options` are gRPC's channel arguments.
        """
        self.token = token or ""
        self._server = server
        self._timeout = timeout
        self._channel_options = channel_options
        self._channel: aio.Channel
        self._chat: chat_pb2_grpc.ChatServiceAsyncStub
        self._accounts: account_pb2_grpc.AccountServiceAsyncStub

    async def __aenter__(self) -> Self:
        self._channel = open_channel(self._server, self._channel_options)
        self._chat = chat_pb2_grpc.ChatServiceStub(self._channel)
        self._accounts = account_pb2_grpc.AccountServiceStub(self._channel)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._channel.close()

    async def sign_in(self, name: str, password: str = "") -> account_pb2.SignInResponse:
        """Signs in; without a password as a new guest. The calls after it are this user's."""
        try:
            answer = await self._accounts.SignIn(
                account_pb2.SignInRequest(name=name, password=password), timeout=self._timeout
            )
        except aio.AioRpcError as error:
            raise from_call(error) from error
        self.token = answer.token
        return answer

    async def send_to(
        self, text: str, to: To = None, *, reply_to: int = 0, request_id: str | None = None
    ) -> chat_pb2.SendToResponse:
        """Sends a message, and returns when it is stored.

        Calling again with the same `request_id` does not send twice; without one, one is made.
        """
        send = make_send(text, to, reply_to, request_id or uuid.uuid4().hex)
        check_size(send, chat_pb2.Limits())
        request = chat_pb2.SendToRequest(
            target=send.target,
            text=send.text,
            reply_to=send.reply_to,
            request_id=send.request_id,
        )
        try:
            return await self._chat.SendTo(
                request, timeout=self._timeout, metadata=authorization(self.token)
            )
        except aio.AioRpcError as error:
            raise from_call(error) from error

    async def clients(self, room: str = "") -> list[chat_pb2.Client]:
        """Lists who is connected now, by rising number, all pages."""
        found: list[chat_pb2.Client] = []
        request = chat_pb2.ListClientsRequest(page_size=1000, room=room)
        try:
            while True:
                page = await self._chat.ListClients(
                    request, timeout=self._timeout, metadata=authorization(self.token)
                )
                found.extend(page.clients)
                request.page_token = page.next_page_token
                if not request.page_token:
                    return found
        except aio.AioRpcError as error:
            raise from_call(error) from error
