"""Send one message without a stream.

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
    """Return the target for a word: a number, a name, or a `#room`."""
    return int(word) if word.isascii() and word.isdigit() else word


async def send(server: str, name: str, to: To, text: str) -> None:
    """Sign in as a guest, send, and report the stored message."""
    async with ChatCalls(server) as calls:
        await calls.sign_in(name)
        sent = await calls.send_to(text, to)
        print(f"stored as {sent.sequence}, for {sent.recipient_stream_count} open streams")


def main() -> int:
    """Parse the command line, send, and return the exit status."""
    parser = argparse.ArgumentParser(description="Send one message.")
    parser.add_argument("text")
    parser.add_argument(
        "--to", type=target, metavar="3|NAME|#ROOM", help="the recipient; everyone by default"
    )
    parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT")
    # Each run is a new guest, and a guest's name stays taken for two minutes.
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
