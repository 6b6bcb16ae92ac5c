"""The work of the commands for accounts on the server's own machine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from chat_grpc.client import ChatCalls, NoServer
from chat_grpc.spelling.invites import link_of
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.signing_in import local, print_rows
from chat_grpc_cli.standard_streams import print_line

Work = Callable[[ChatCalls], Coroutine[Any, Any, None]]


async def at(server: str, work: Work) -> None:
    """Do some work at a server. Raises `ChatError`."""
    async with ChatCalls(server) as calls:
        await work(calls)


def no_server(folder: Path) -> NoServer:
    """Return the error for a data folder on which no server runs."""
    return NoServer(f"No server runs on {folder}; start one with `chat-grpc serve`.")


def add(name: str, password: str, *, admin: bool) -> Work:
    """Create an account."""

    async def work(calls: ChatCalls) -> None:
        number = await calls.create_user(name, password, admin=admin)
        role = "the admin" if admin else "the account"
        print_line(safe(f"Created {role} {name}, number {number}."))

    return work


async def list_all(calls: ChatCalls) -> None:
    """Print the accounts."""
    found = await calls.users().all()
    rows = [(str(u.number), safe(u.name), "admin" if u.admin else "-") for u in found]
    print_rows([("NUMBER", "NAME", "ROLE"), *rows])


def remove(name: str) -> Work:
    """Remove an account."""
    return lambda calls: calls.remove_user(name)


def set_password(name: str, password: str) -> Work:
    """Set the password of an account."""
    return lambda calls: calls.set_user_password(name, password)


def set_admin(name: str, *, admin: bool) -> Work:
    """Give an account the admin role, or take it away."""
    return lambda calls: calls.set_user_admin(name, admin=admin)


def invite(uses: int, days: float, web_address: str) -> Work:
    """Create an invite code, and print it; below a web address, print the link."""

    async def work(calls: ChatCalls) -> None:
        made = await calls.create_invite(uses=uses, seconds=round(days * 86400))
        code = made.invite_code
        print_line(link_of(web_address, code) if web_address else code)

    return work


async def list_invites(calls: ChatCalls) -> None:
    """Print the invite codes."""
    rows = [
        (each.invite_id, safe(each.author) or "-", local(each.expire_time), str(each.used))
        for each in await calls.invites().all()
    ]
    print_rows([("ID", "AUTHOR", "EXPIRES", "USED"), *rows])


def revoke_invite(invite_id: str) -> Work:
    """Revoke an invite code."""
    return lambda calls: calls.revoke_invite(invite_id)
