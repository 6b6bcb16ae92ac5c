"""The work of the commands for accounts on the server's own machine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from chat_grpc.client import ChatCalls, NoServer
from chat_grpc.spelling.invites import link_of
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_json
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


def list_all(*, as_json: bool) -> Work:
    """Print the accounts."""

    async def work(calls: ChatCalls) -> None:
        found = await calls.users().all()
        if as_json:
            print_json(found)
            return
        rows = [(str(u.number), safe(u.name), "admin" if u.admin else "-") for u in found]
        print_rows([("no.", "name", "role"), *rows])

    return work


def remove(name: str) -> Work:
    """Remove an account."""

    async def work(calls: ChatCalls) -> None:
        await calls.remove_user(name)
        print_line(safe(f"Removed the account {name}."))

    return work


def set_password(name: str, password: str) -> Work:
    """Set the password of an account."""

    async def work(calls: ChatCalls) -> None:
        await calls.set_user_password(name, password)
        print_line(safe(f"Set the password of {name}; all sessions ended."))

    return work


def set_admin(name: str, *, admin: bool) -> Work:
    """Give an account the admin role, or take it away."""

    async def work(calls: ChatCalls) -> None:
        await calls.set_user_admin(name, admin=admin)
        done = f"Gave {name} the admin role." if admin else f"Took the admin role from {name}."
        print_line(safe(done))

    return work


def invite(uses: int, days: float, web_address: str) -> Work:
    """Create an invite code, and print it; below a web address, print the link."""

    async def work(calls: ChatCalls) -> None:
        made = await calls.create_invite(uses=uses, seconds=round(days * 86400))
        code = made.invite_code
        print_line(link_of(web_address, code) if web_address else code)

    return work


def list_invites(*, as_json: bool) -> Work:
    """Print the invite codes."""

    async def work(calls: ChatCalls) -> None:
        found = await calls.invites().all()
        if as_json:
            print_json(found)
            return
        rows = [
            (
                each.invite_id,
                safe(each.author) or "-",
                local(each.expire_time),
                f"{each.used} of {each.uses}",
            )
            for each in found
        ]
        print_rows([("id", "author", "expires", "used"), *rows])

    return work


def revoke_invite(invite_id: str) -> Work:
    """Revoke an invite code."""

    async def work(calls: ChatCalls) -> None:
        await calls.revoke_invite(invite_id)
        print_line(safe(f"Revoked the invite code {invite_id}."))

    return work
