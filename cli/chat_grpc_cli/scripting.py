"""Output of the commands for scripts, and the command `clients`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from datetime import datetime

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from chat_grpc.client import Refused
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import tables
from chat_grpc_cli.access import Access
from chat_grpc_cli.columns import Fragments, fit
from chat_grpc_cli.render import plain
from chat_grpc_cli.standard_streams import print_line, printable


async def clients(access: Access, *, as_json: bool) -> None:
    """Print the clients that are connected."""
    token = access.stored_token() if access.name else ""
    async with access.calls(token) as calls:
        try:
            found = await calls.clients()
        except Refused as error:
            if not token or not error.token_unknown:
                raise
            # The server does not know the token, and this call does not need one.
            calls.token = ""
            found = await calls.clients()
    if as_json:
        answer = chat_pb2.ListClientsResponse(clients=found, total_count=len(found))
        print_line(MessageToJson(answer, indent=None, always_print_fields_with_no_presence=True))
    elif found:
        print_fragments(tables.client_table(found, 0, datetime.now().astimezone()))


def print_fragments(fragments: Fragments) -> None:
    """Print lines without their styles. On a terminal, break them at its width."""
    fragments = [(style, printable(text)) for style, text in fragments]
    if sys.stdout.isatty():
        fragments = fit(fragments, shutil.get_terminal_size().columns - 1)
    print_line(plain(fragments))


def print_json(messages: Iterable[Message]) -> None:
    """Print each message as JSON, one a line."""
    for message in messages:
        print_line(MessageToJson(message, indent=None))
