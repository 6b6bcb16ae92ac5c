"""Sends one message and leaves, without a stream.

python examples/send.py bob "dinner is ready"
python examples/send.py everyone "the build is green" --server chat.example:50051
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from chat_grpc.client import ChatCalls, ChatError, To


def to_whom(to: str) -> To:
    """A number, a name, a `#room`, or everyone."""
    if to == "everyone":
        return None
    return int(to) if to.isdecimal() else to


async def send(server: str, name: str, to: To, text: str) -> None:
    """Signs in as a guest, and sends."""
    async with ChatCalls(server) as calls:
        await calls.sign_in(name)
        sent = await calls.send_to(text, to)
        print(f"stored as {sent.sequence}, for {sent.recipient_stream_count} open streams")


def main() -> int:
    """Reads the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description="Sends one message.")
    parser.add_argument("to", help="a number, a name, a #room, or: everyone")
    parser.add_argument("text")
    parser.add_argument("--server", default="localhost:50051")
    parser.add_argument("--name", default="send-example")
    arguments = parser.parse_args()
    try:
        asyncio.run(send(arguments.server, arguments.name, to_whom(arguments.to), arguments.text))
    except ChatError as error:
        print(f"Not sent: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
