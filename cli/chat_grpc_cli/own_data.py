"""The work of the commands about the user's own data and block list."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import grpc

from chat_grpc.client import ChatCalls, ChatError, Refused
from chat_grpc_cli.access import Access
from chat_grpc_cli.addressees import parse_to
from chat_grpc_cli.failures import NotFound
from chat_grpc_cli.files import StateUnusable
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.signing_in import ask, print_rows
from chat_grpc_cli.standard_streams import print_line

_END = '{"record":"end"'


async def _signed_in(access: Access) -> ChatCalls:
    """Return a client with the certificate or the stored token. Raises `Refused` without either."""
    token = await asyncio.to_thread(access.stored_token)
    if not token and not access.certified:
        raise Refused(
            grpc.StatusCode.UNAUTHENTICATED,
            "NOT_SIGNED_IN",
            f"You are not signed in as {access.guest} on this machine.",
        )
    return access.calls(token)


async def export(access: Access, file: Path) -> None:
    """Write the user's data to a file, or to standard output for `-`."""
    async with await _signed_in(access) as calls:
        if str(file) == "-":
            await _write(calls, _print)
            return
        part = file.with_name(f"{file.name}.part")
        out = await asyncio.to_thread(_create, part)
        try:
            with out:
                await _write(calls, out.write)
            await asyncio.to_thread(part.replace, file)
        except BaseException:
            await asyncio.to_thread(part.unlink, missing_ok=True)
            raise


def _create(path: Path) -> BinaryIO:
    """Open a file that only the user can read. Raises `StateUnusable`."""
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        return path.open("wb")
    except OSError as error:
        raise StateUnusable(f"{path} cannot be written: {error.strerror or error}.") from None


def _print(line: bytes) -> None:
    # JSON is UTF-8, whatever the encoding of the locale is.
    sys.stdout.buffer.write(line)


async def _write(calls: ChatCalls, write: Callable[[bytes], object]) -> None:
    record = ""
    async for record in calls.export_data():
        write(f"{record}\n".encode())
    if not record.startswith(_END):
        raise NotFound("The export is not complete; try again.")


class Deletion:
    """The deletion of the user's account."""

    def __init__(self, access: Access, *, messages: bool) -> None:
        self._access = access
        self._messages = messages
        self._password = ""

    async def run(self) -> None:
        """Delete the account, and forget the token."""
        async with await _signed_in(self._access) as calls:
            await calls.delete_account(self._password, messages=self._messages)
        await asyncio.to_thread(self._access.keep_token, "")
        print_line(safe(f"Deleted {self._access.guest}."))

    def ask_password(self, error: ChatError) -> bool:
        """Ask for the password if the server wants it; return False for any other error."""
        if self._password or not isinstance(error, Refused) or error.reason != "BAD_CREDENTIALS":
            return False
        self._password = ask("Password")
        return True


async def block(access: Access, word: str) -> None:
    """Block a user."""
    user = await access.as_guest(lambda calls: calls.block(_user(word)))
    print_line(safe(f"Blocked {user.name}, number {user.number}."))


async def unblock(access: Access, word: str) -> None:
    """Unblock a user."""
    user = await access.as_guest(lambda calls: calls.unblock(_user(word)))
    print_line(safe(f"Unblocked {user.name}, number {user.number}."))


def _user(word: str) -> int | str:
    to = parse_to(word)
    assert to is not None
    return to


async def blocked(access: Access, *, as_json: bool) -> None:
    """Print the users on the block list."""
    found = await access.as_guest(lambda calls: calls.blocked())
    if as_json:
        print_json(found)
    else:
        print_rows([("no.", "name"), *((str(u.number), safe(u.name)) for u in found)])
