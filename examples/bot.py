"""A bot that tells the time, rolls dice, and greets who writes to it directly.

python examples/bot.py --server localhost:50051 --name dice --resume dice.resume.json

Started again, after a crash too, it is the same guest, and answers what it was asked meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
from datetime import datetime
from pathlib import Path

from chat_grpc.client import ChatClient, ChatError, Refused, To
from chat_grpc.v1 import chat_pb2

_DICE = re.compile(r"!roll +([1-9]\d?)d([1-9]\d{0,2})")


def answer(text: str, now: datetime) -> str | None:
    """Gives what the bot says to a command; None for a text that is none."""
    text = text.strip()
    if text == "!time":
        return f"{now:%Y-%m-%d %H:%M:%S %Z}"
    if dice := _DICE.fullmatch(text):
        count, sides = int(dice[1]), int(dice[2])
        rolls = [random.randint(1, sides) for _ in range(count)]
        return f"{sum(rolls)} ({' + '.join(map(str, rolls))})"
    if text.startswith("!echo "):
        return text.removeprefix("!echo ").strip()
    return None


def greeting(name: str) -> str:
    """Gives what the bot says to who writes to it without a command."""
    return f"Hello, {name}. I know !time, !roll 2d6 and !echo TEXT."


async def reply(chat: ChatClient, event: chat_pb2.Event) -> None:
    """Answers a message where it was written."""
    message = event.message
    # What it said before it was started again comes, too: a bot does not talk to itself.
    if message.author.number == chat.me.number:
        return
    text = answer(message.text, datetime.now().astimezone())
    if text is None and not message.room:
        text = greeting(message.author.name)
    if text is None:
        return
    to: To = f"#{message.room}" if message.room else message.author.number
    try:
        # Made from the sequence: a message that comes again after a crash is not answered twice.
        await chat.send(text, to, reply_to=event.sequence, request_id=f"reply-{event.sequence}")
    except Refused as error:
        print(f"not said: {error}", file=sys.stderr)


def gap(welcome: chat_pb2.Welcome) -> str:
    """Says what the bot was not told of while it was away; empty where that is nothing."""
    if welcome.recovery == chat_pb2.RECOVERY_TRUNCATED:
        return "part of what was written meanwhile is no longer kept"
    if welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG:
        return "the server has another log: what was written meanwhile is not in it"
    return ""


async def run(server: str, name: str, resume: Path) -> None:
    """Answers until it is stopped."""
    async with ChatClient.connect(
        server, name=name, agent="dice-bot/1", resume_file=resume
    ) as chat:
        print(f"{chat.me.name} is number {chat.me.number} on {server}", flush=True)
        async for event in chat:
            match event.WhichOneof("event"):
                case "message":
                    await reply(chat, event)
                case "welcome" if missing := gap(event.welcome):
                    print(missing, file=sys.stderr)


def main() -> int:
    """Reads the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description="A bot that tells the time and rolls dice.")
    parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT")
    parser.add_argument("--name", default="dice", metavar="NAME")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keeps its place; NAME.resume.json by default"
    )
    arguments = parser.parse_args()
    resume = arguments.resume or Path(f"{arguments.name}.resume.json")
    try:
        asyncio.run(run(arguments.server, arguments.name, resume))
    except KeyboardInterrupt:
        return 0
    except ChatError as error:
        print(f"The bot ends: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
