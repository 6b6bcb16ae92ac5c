"""Calls and streams that are cancelled, and not by the program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import grpc
import pytest
from client.scripted import meeting, scripted
from grpc import aio

from chat_grpc.client import ChatCalls, Closed, ConnectionState, Unreachable
from chat_grpc.v1 import chat_pb2


class Leaving:
    """Cancel the first call of each method, and answer the next."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def handlers(self) -> grpc.GenericRpcHandler:
        """Return the handlers of the methods."""
        answers = {
            "ListClients": chat_pb2.ListClientsResponse(),
            "CreateRoom": chat_pb2.CreateRoomResponse(),
        }
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            method: grpc.unary_unary_rpc_method_handler(
                partial(self._cancel_first, method, answer.SerializeToString())
            )
            for method, answer in answers.items()
        }
        return grpc.method_handlers_generic_handler("chat_grpc.v1.ChatService", methods)

    async def _cancel_first(self, method: str, answer: bytes, _: object, context: Any) -> bytes:
        self.called.append(method)
        if self.called.count(method) == 1:
            await context.abort(grpc.StatusCode.CANCELLED)
        return answer


@asynccontextmanager
async def leaving() -> AsyncIterator[tuple[Leaving, ChatCalls]]:
    """Run such a server, and call it."""
    server, methods = aio.server(), Leaving()
    server.add_generic_rpc_handlers([methods.handlers()])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with ChatCalls(f"127.0.0.1:{port}") as calls:
            yield methods, calls
    finally:
        await server.stop(None)


async def test_a_call_that_was_cancelled_is_made_again() -> None:
    """An idempotent call that was cancelled is retried, as if no server had answered."""
    async with leaving() as (server, calls):
        assert await calls.clients() == []
        assert server.called == ["ListClients"] * 2


async def test_a_call_that_is_made_once_was_not_refused() -> None:
    """A call that is not idempotent raises `Unreachable`: it may have been carried out."""
    async with leaving() as (server, calls):
        with pytest.raises(Unreachable):
            await calls.create_room("r")
        assert server.called == ["CreateRoom"]


def task_named(name: str) -> asyncio.Task[object]:
    """Return the running task with a name."""
    return next(task for task in asyncio.all_tasks() if task.get_name() == name)


@pytest.mark.parametrize("part", ["chat-client-reader", "chat-client-writer"])
async def test_a_cancelled_stream_is_opened_again(part: str) -> None:
    """If gRPC cancels the reader or the writer of a stream, the client opens the next stream."""
    async with scripted() as server, meeting(server) as (client, visit):
        sending = asyncio.create_task(client.send("once"))
        first = (await visit.request()).send
        task_named(part).cancel()
        second = await server.visit()
        await second.resumed()
        again = (await second.request()).send
        assert again.request_id == first.request_id
        await second.answer(again, 7)
        assert (await sending).sequence == 7


async def test_a_cancelled_client_is_closed() -> None:
    """If the task of a client is cancelled, its calls fail instead of waiting for ever."""
    async with scripted() as server, meeting(server) as (client, visit):
        sending = asyncio.create_task(client.send("once"))
        await visit.request()
        task_named("chat-client").cancel()
        with pytest.raises(Closed):
            await sending
        assert client.state is ConnectionState.CLOSED
