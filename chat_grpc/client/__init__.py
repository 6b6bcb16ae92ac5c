"""The asyncio SDK: a stream that stays connected, and calls for programs without a stream.

    async with ChatClient.connect("localhost:50051", name="alice") as chat:
        await chat.send("hello")
        async for event in chat:
            print(event)

`docs/sdk.md` builds a bot from nothing; `docs/sdk-reference.md` is the manual.
"""

from chat_grpc.client.arguments import MessageRef, To, User
from chat_grpc.client.calls import ChatCalls
from chat_grpc.client.client import ChatClient
from chat_grpc.client.errors import (
    ChatError,
    Closed,
    NoServer,
    Refused,
    ResumeFileUnusable,
    TlsFailed,
    TlsUnusable,
    Unreachable,
    UserChanged,
)
from chat_grpc.client.inbox import Position
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.tls import Tls
from chat_grpc.client.unary import Pages
from chat_grpc.spelling.addresses import InvalidAddress

__all__ = [
    "ChatCalls",
    "ChatClient",
    "ChatError",
    "Closed",
    "ConnectionState",
    "InvalidAddress",
    "MessageRef",
    "NoServer",
    "Pages",
    "Position",
    "Refused",
    "ResumeFileUnusable",
    "Tls",
    "TlsFailed",
    "TlsUnusable",
    "To",
    "Unreachable",
    "User",
    "UserChanged",
]
