"""Calls without a stream, for scripts, hooks and tests."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from chat_grpc.client.accounts import AccountCalls
from chat_grpc.client.admin import AdminCalls
from chat_grpc.client.arguments import MessageRef, To, recipient
from chat_grpc.client.caller import Caller
from chat_grpc.client.channel import endpoint
from chat_grpc.client.operations import OperationCalls
from chat_grpc.client.requests import check_size, make_send
from chat_grpc.client.tls import Tls
from chat_grpc.client.unary import Unary
from chat_grpc.spelling.addresses import DEFAULT_SERVER
from chat_grpc.v1 import chat_pb2

_TRIES = 4


class ChatCalls(AccountCalls, AdminCalls, OperationCalls, Unary):
    """The unary methods of the chat, over one connection.

    Each raises `Refused` or `Unreachable`; `NoServer` at once if no server answers. Once the
    server was reached, idempotent calls are tried up to four times within `timeout` while it is
    away.

    Belongs to the event loop on which it is entered.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        wait: bool = False,
        tls: Tls | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """`server` is `HOST`, `HOST:PORT`, `[IPV6]:PORT`, `https://HOST:PORT` or `unix:PATH`.

        `token` identifies the caller; `sign_in` sets it. `timeout` is in seconds, for each call.
        With `wait` a call is retried until then if no server answers. `tls` connects by TLS, as
        `https://` does. `channel_options` are gRPC channel arguments. Raises `InvalidAddress`, a
        `ValueError`.
        """
        self.token = token or ""
        reached = endpoint(server, tls, channel_options)
        self.server = str(reached.address)
        """The address of the server."""
        self._caller = Caller(
            reached,
            lambda: self.token,
            timeout=timeout,
            tries=_TRIES,
            wait=wait,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Pending and later calls raise `Closed`. Idempotent."""
        await self._caller.close()

    async def send_to(
        self,
        text: str,
        to: To = None,
        *,
        reply_to: MessageRef = 0,
        request_id: str | None = None,
    ) -> chat_pb2.SendToResponse:
        """Send a message; return when it is stored. `to` and `reply_to` as in `ChatClient.send`.

        Calling again with the same `request_id` does not send twice; by default a new id is used.
        Raises `UserChanged` if the caller's conversation is with another user who had the name.
        """
        send = make_send(text, recipient(to), reply_to, request_id)
        check_size(send, chat_pb2.Limits())
        request = chat_pb2.SendToRequest(
            target=send.target,
            text=send.text,
            reply_to=send.reply_to,
            request_id=send.request_id,
        )
        answer: chat_pb2.SendToResponse = await self._caller.chat(
            "SendTo", request, idempotent=True
        )
        return answer
