"""The work of the commands for the administration of a server."""

from __future__ import annotations

from chat_grpc.client import ChatCalls
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.signing_in import local, print_rows
from chat_grpc_cli.users import Work


def audit(limit: int, *, as_json: bool) -> Work:
    """Print the actions of admins."""

    async def work(calls: ChatCalls) -> None:
        found = await calls.audit_events(limit=limit).all()
        if as_json:
            print_json(found)
            return
        rows = [
            (
                local(each.time),
                *(safe(text) or "-" for text in (each.author, each.address, each.method)),
                *(safe(text) or "-" for text in (each.subject, each.detail, each.reason)),
            )
            for each in found
        ]
        header = ("TIME", "AUTHOR", "ADDRESS", "METHOD", "SUBJECT", "DETAIL", "REASON")
        print_rows([header, *rows])

    return work
