"""A bot: rolls dice, and says again what it is told. Write `!roll 2d6` or `!echo hello`.

python examples/bot.py --server localhost:50051 --name dice
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys

from chat_grpc.client import ChatClient, ChatError, Refused, To
from chat_grpc.v1 import chat_pb2


def answer(text: str) -> str | None:
    """Gives what the bot says to a text; None where it says nothing."""
    if dice := re.fullmatch(r"!roll +([1-9]\d?)d([1-9]\d{0,2})", text.strip()):
        count, sides = int(dice[1]), int(dice[2])
        rolls = [random.randint(1, sides) for _ in range(count)]
        return f"{sum(rolls)} ({' + '.join(map(str, rolls))})"
    if text.startswith("!echo "):
        return text.removeprefix("!echo ").strip() or None
    return None


async def reply(chat: ChatClient, event: chat_pb2.Event) -> None:
    """Answers a message where it was written."""
    message = event.message
    # After a lost connection the stream may bring what this bot wrote itself.
    if message.author.number == chat.me.number or not (text := answer(message.text)):
        return
    to: To = f"#{message.room}" if message.room else message.author.number
    try:
        # Made from the sequence, so that a bot that starts again answers no message twice.
        await chat.send(text, to, reply_to=event.sequence, request_id=f"reply-{event.sequence}")
    except Refused as error:
        print(f"not said: {error}", file=sys.stderr)


async def run(server: str, name: str) -> None:
    """Answers until it is stopped."""
    async with ChatClient.connect(server, name=name, agent="dice-bot/1") as chat:
        print(f"{chat.me.name} is number {chat.me.number} on {server}", flush=True)
        async for event in chat:
            if event.HasField("message"):
                await reply(chat, event)


def main() -> int:
    """Reads the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description="A bot that rolls dice.")
    parser.add_argument("--server", default="localhost:50051")
    parser.add_argument("--name", default="dice")
    arguments = parser.parse_args()
    try:
        asyncio.run(run(arguments.server, arguments.name))
    except KeyboardInterrupt:
        return 0
    except ChatError as error:
        print(f"The bot ends: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
