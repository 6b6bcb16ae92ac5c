"""Sends one message and leaves, without a stream.

python examples/send.py "the build is green"
python examples/send.py "dinner is ready" --to bob --server chat.example:50051
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys

from chat_grpc.client import ChatCalls, ChatError, To


def target(word: str) -> To:
    """Reads whom a message goes to: a number, a name, or a `#room`."""
    return int(word) if word.isascii() and word.isdigit() else word


async def send(server: str, name: str, to: To, text: str) -> None:
    """Signs in as a guest, sends, and reports once the message is stored."""
    async with ChatCalls(server) as calls:
        await calls.sign_in(name)
        sent = await calls.send_to(text, to)
        print(f"stored as {sent.sequence}, for {sent.recipient_stream_count} open streams")


def main() -> int:
    """Reads the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description="Sends one message.")
    parser.add_argument("text")
    parser.add_argument(
        "--to", type=target, metavar="3|NAME|#ROOM", help="to whom; without it, to everyone"
    )
    parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT")
    # Each run is a new guest, whose name stays taken for two minutes: each takes another.
    parser.add_argument("--name", default=f"send-{secrets.token_hex(3)}", metavar="NAME")
    arguments = parser.parse_args()
    try:
        asyncio.run(send(arguments.server, arguments.name, arguments.to, arguments.text))
    except ChatError as error:
        print(f"Not sent: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
