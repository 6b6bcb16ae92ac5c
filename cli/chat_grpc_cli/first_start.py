"""The questions of the first `connect`: the server, its TLS, the name, and how to sign in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from chat_grpc.client import ChatCalls, ChatError, Refused, Tls, TlsFailed, TlsUnusable
from chat_grpc.client.tls import File
from chat_grpc.spelling.addresses import Address, InvalidAddress, parse_address
from chat_grpc.v1 import account_pb2
from chat_grpc_cli import issuer_sign_in, signing_in
from chat_grpc_cli.access import Access
from chat_grpc_cli.identity import Tokens
from chat_grpc_cli.remembered import Connection, Remembered
from chat_grpc_cli.sanitize import safe

_Options = account_pb2.GetSignInOptionsResponse

_REGISTERS = {account_pb2.REGISTRATION_MODE_OPEN, account_pb2.REGISTRATION_MODE_INVITE}


def is_first() -> bool:
    """Return True if this user has no token and no remembered connection. Blocks on the disk."""
    return Remembered().get() is None and not Tokens().any()


def ask(offered: Access) -> Access:
    """Ask for a connection, sign in, and remember it. The password is not stored.

    `offered` has the values that Enter accepts. No event loop may run. Raises `ChatError`, and
    `click.Abort` if the user ends it.
    """
    _say("Enter accepts the value in brackets; Ctrl-C ends.")
    access, options = _server(offered)
    access = _user(access, options, offered.guest)
    ca = str(access.tls.ca or "") if access.tls is not None else ""
    remembered = Remembered()
    remembered.put(Connection(access.server, access.guest, ca))
    _say(f"Remembered in {remembered.path}; chat-grpc connect --setup asks again.")
    return access


def _say(text: str) -> None:
    click.echo(safe(text), err=True)


def _prompt(text: str, default: str = "") -> str:
    shown = bool(default)
    answer = click.prompt(text, default=default, show_default=shown, err=True)
    return str(answer).strip()


# ------------------------------------------------------------- the server


def _server(offered: Access) -> tuple[Access, _Options]:
    """Ask for a server until one answers."""
    ca = offered.tls.ca if offered.tls is not None else None
    while True:
        word = _prompt("Server", offered.server)
        try:
            found = _reach(parse_address(word), "://" in word, ca)
        except (InvalidAddress, ChatError) as error:
            _say(str(error))
        else:
            if found is not None:
                return found


def _reach(address: Address, chosen: bool, ca: File | None) -> tuple[Access, _Options] | None:
    """Return a server's sign-in options; None if the user wants another server.

    Without a scheme (`chosen` is False) other machines are asked by TLS first, and this machine
    without. Raises `ChatError`.
    """
    if address.tls or not (chosen or address.on_this_machine):
        return _by_tls(address, chosen, ca)
    try:
        return _asked(address, None)
    except TlsFailed:
        if chosen:
            raise
        return _by_tls(address, True, ca)


def _by_tls(address: Address, chosen: bool, ca: File | None) -> tuple[Access, _Options] | None:
    tls = Tls(ca)
    while True:
        try:
            return _asked(replace(address, tls=True), tls)
        except TlsUnusable as error:
            why = str(error)
        except TlsFailed as error:
            why = str(error)
            if not chosen and (found := _unencrypted(address)) is not None:
                return found if _confirmed(address) else None
        _say(why)
        file = _prompt("File of the authority's certificate, in PEM; Enter for another server")
        if not file:
            return None
        tls, chosen = Tls(str(Path(file).expanduser().absolute())), True


def _unencrypted(address: Address) -> tuple[Access, _Options] | None:
    """Return the sign-in options of a server that answers without TLS, or None."""
    try:
        return _asked(address, None)
    except ChatError:  # the failure of TLS is the one to show
        return None


def _confirmed(address: Address) -> bool:
    _say(f"{address} has no TLS: others on the way can read your messages and your password.")
    return click.confirm("Connect without TLS?", err=True)


def _asked(address: Address, tls: Tls | None) -> tuple[Access, _Options]:
    access = Access(str(address), tls=tls)

    async def options() -> _Options:
        async with access.calls() as calls:
            return await _options_of(calls)

    return access, asyncio.run(options())


async def _options_of(calls: ChatCalls) -> _Options:
    try:
        return await calls.sign_in_options()
    except Refused:  # a server of an older version
        return _Options(guests=True)


# --------------------------------------------------------------- the user


def _user(access: Access, options: _Options, name: str) -> Access:
    """Ask for a name and a password until the server accepts them."""
    while True:
        name = _prompt("Your name", name)
        wanted = replace(access, name=name)
        try:
            _sign_in(wanted, options)
        except Refused as error:
            _say(str(error))
        else:
            return wanted


def _sign_in(access: Access, options: _Options) -> None:
    """Sign in, or register, as the server allows, and store the token. Raises `ChatError`."""
    host = urlsplit(options.issuer.issuer).netloc
    if options.guests:
        instead = "Enter to join as a guest"
    elif host:
        instead = f"Enter to sign in at {safe(host)}"
    elif options.registration in _REGISTERS:
        instead = "Enter to create an account"
    else:
        instead = ""
    if password := signing_in.ask_password(instead):
        asyncio.run(signing_in.login(access, password, told=False))
    elif options.guests:
        asyncio.run(access.token())
    elif host:
        asyncio.run(issuer_sign_in.login(access, told=False))
    else:
        _register(access, options)


def _register(access: Access, options: _Options) -> None:
    invited = options.registration == account_pb2.REGISTRATION_MODE_INVITE
    code = _prompt("Invite code or link") if invited else ""
    password = signing_in.ask_new_password("New password")
    asyncio.run(signing_in.register(access, password, code))
