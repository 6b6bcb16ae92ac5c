"""A bot that tells the time, rolls dice, and greets users who write to it directly.

python examples/bot.py --server localhost:50051 --name dice --resume dice.resume.json

After a restart or a crash it is the same guest, and answers the messages that it missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
from datetime import datetime
from pathlib import Path

from chat_grpc.client import ChatClient, ChatError, Refused
from chat_grpc.v1 import chat_pb2

_DICE = re.compile(r"!roll +([1-9]\d?)d([1-9]\d{0,2})")


def answer(text: str, now: datetime) -> str | None:
    """Return the answer to a command; None if the text is no command."""
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
    """Return the answer to a direct message without a command."""
    return f"Hello, {name}. I know !time, !roll 2d6 and !echo TEXT."


async def reply(chat: ChatClient, event: chat_pb2.Event) -> None:
    """Answer a message in its conversation."""
    message = event.message
    # After a restart the log also brings the bot's own messages.
    if message.author.number == chat.me.number:
        return
    text = answer(message.text, datetime.now().astimezone())
    if text is None and not message.room:
        text = greeting(message.author.name)
    if text is None:
        return
    try:
        # The id is derived from the message, so a message that is repeated after a crash is
        # answered once.
        await chat.reply(event, text, request_id=f"reply-{event.sequence}")
    except Refused as error:
        print(f"not sent: {error}", file=sys.stderr)


def gap(welcome: chat_pb2.Welcome) -> str:
    """Return a sentence about the messages that the bot missed; empty if none are missing."""
    if welcome.recovery == chat_pb2.RECOVERY_TRUNCATED:
        return "some messages written meanwhile are no longer kept"
    if welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG:
        return "the server has another log, without the messages written meanwhile"
    return ""


async def run(server: str, name: str, resume: Path) -> None:
    """Answer messages until the program is stopped."""
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
    """Parse the command line, run the bot, and return the exit status."""
    parser = argparse.ArgumentParser(description="A bot that tells the time and rolls dice.")
    parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT")
    parser.add_argument("--name", default="dice", metavar="NAME")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keeps the position; default NAME.resume.json"
    )
    arguments = parser.parse_args()
    resume = arguments.resume or Path(f"{arguments.name}.resume.json")
    try:
        asyncio.run(run(arguments.server, arguments.name, resume))
    except KeyboardInterrupt:
        return 0
    except ChatError as error:
        print(f"The bot stops: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
