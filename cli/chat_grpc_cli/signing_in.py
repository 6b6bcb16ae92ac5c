"""The commands about accounts and tokens."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

import click
from google.protobuf.timestamp_pb2 import Timestamp

from chat_grpc.client import ChatError, Refused
from chat_grpc.spelling.invites import code_in
from chat_grpc.v1 import account_pb2
from chat_grpc_cli import issuer_sign_in
from chat_grpc_cli.access import Access
from chat_grpc_cli.columns import left, width
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.standard_streams import print_line


def ask(what: str) -> str:
    """Ask for a secret without showing it; read a line if standard input is no terminal."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True))
    if line := sys.stdin.readline().rstrip("\r\n"):
        return line
    raise click.UsageError(f"{what}: standard input has no line for it.")


def ask_password(instead: str = "") -> str:
    """Ask for the password of an account.

    With `instead` an empty answer is allowed at a terminal; the text says its effect.
    """
    if not instead:
        return ask("Password")
    prompt = f"Password, or {instead}"
    return str(click.prompt(prompt, hide_input=True, default="", show_default=False, err=True))


def ask_new_password(what: str = "Password") -> str:
    """Ask for a new password; at a terminal twice."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
    return ask(what)


def recover(access: Access, error: ChatError) -> bool:
    """Sign in if a name needs its account, or the server an account; False for any other error.

    Asks the user: no event loop may run. Raises `ChatError`.
    """
    if not isinstance(error, Refused):
        return False
    named = error.metadata.get("account") == "true"
    if not named and error.reason != "NOT_ALLOWED":
        return False
    host = asyncio.run(issuer_sign_in.host_of(access))
    if not named and not host:
        return False
    said = f"{access.guest} is an account." if named else str(error)
    click.echo(safe(said), err=True)
    password = ask_password(f"Enter to sign in at {safe(host)}" if host else "")
    if password:
        asyncio.run(login(access, password, told=False))
    else:
        asyncio.run(issuer_sign_in.login(access, told=False))
    return True


async def login(access: Access, password: str, *, told: bool = True) -> None:
    """Sign in, and store the token; `told` prints who is signed in."""
    async with access.calls() as calls:
        answer = await calls.sign_in(access.guest, password)
    await asyncio.to_thread(access.keep_token, answer.token)
    if told:
        print_line(safe(f"You are {answer.name}, number {answer.number}."))


async def register(access: Access, password: str, code: str) -> None:
    """Create an account, and store a token of it; `code` is an invite code, or a link with one."""
    code = code_in(code)
    kept = await asyncio.to_thread(access.stored_token)
    async with access.calls(kept) as calls:
        try:
            made = await calls.register(access.guest, password, code)
        except Refused as error:
            if not kept or not error.token_unknown:
                raise
            calls.token = kept = ""
            made = await calls.register(access.guest, password, code)
        if not kept:
            signed_in = await calls.sign_in(access.guest, password)
            await asyncio.to_thread(access.keep_token, signed_in.token)
    print_line(safe(f"You are {made.name}, number {made.number}."))


async def logout(access: Access) -> None:
    """Revoke the stored token, and forget it."""
    if kept := await asyncio.to_thread(access.stored_token):
        async with access.calls(kept) as calls:
            try:
                await calls.sign_out()
            except Refused as error:
                if not error.token_unknown and error.reason != "TOKEN_REVOKED":
                    raise
        await asyncio.to_thread(access.keep_token, "")


async def change_password(access: Access, old: str, new: str) -> None:
    """Change the password."""
    await access.as_guest(lambda calls: calls.change_password(old, new))


async def tokens(access: Access, *, as_json: bool) -> None:
    """Print the tokens."""
    found = await access.as_guest(lambda calls: calls.tokens().all())
    if as_json:
        print_json(found)
    else:
        print_rows([("id", "label", "created", "last use", "expires"), *map(_row, found)])


def _row(token: account_pb2.TokenInfo) -> tuple[str, ...]:
    return (
        token.token_id,
        safe(token.label) or "-",
        local(token.create_time),
        local(token.last_use_time),
        local(token.expire_time) if token.HasField("expire_time") else "never",
    )


def local(time: Timestamp) -> str:
    """Return a time of the server in the local time zone, to the minute."""
    return datetime.fromtimestamp(time.seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (left(cell, columns) for cell, columns in zip(row, widths, strict=True))
        print_line("  ".join(cells).rstrip())


async def revoke(access: Access, token_id: str) -> None:
    """Revoke a token."""
    await access.as_guest(lambda calls: calls.revoke_token(token_id))


async def bot_token(access: Access, label: str) -> None:
    """Create a bot token, and print it."""
    made = await access.as_guest(lambda calls: calls.create_bot_token(label))
    print_line(made.token)
