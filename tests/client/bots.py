"""The counterpart of a bot: who is connected, and what it answers."""

from __future__ import annotations

import asyncio

from support import UNIT

from chat_grpc.client import ChatClient


async def is_here(chat: ChatClient, name: str) -> bool:
    """Return True if a user of a name is connected, such as a bot in a process of its own."""
    return name in [client.name for client in await chat.clients()]


async def texts(chat: ChatClient, count: int) -> list[str]:
    """Return the texts of the next messages."""
    found: list[str] = []
    async with asyncio.timeout(10 * UNIT):
        async for event in chat:
            if event.HasField("message"):
                found.append(event.message.text)
                if len(found) == count:
                    break
    return found
