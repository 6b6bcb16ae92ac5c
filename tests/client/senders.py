"""Many requests at once."""

from __future__ import annotations

import asyncio

from chat_grpc.client import ChatClient
from chat_grpc.v1 import chat_pb2


async def sends(chat: ChatClient, count: int) -> list[asyncio.Task[chat_pb2.Sent]]:
    """Start to send "0", "1", … to everyone, with steps of the loop in between."""
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(chat.send(str(number))))
        if number % 20 == 19:
            await asyncio.sleep(0)
    return tasks
