"""The first lines of a server: its address, its data, who may come in, and what to try next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import structlog

from chat_grpc import __version__
from chat_grpc.config import Config
from chat_grpc.server import Server

_LOG = structlog.stdlib.get_logger("chat_grpc")

_DEFAULT_PORT = 50051

_ACCOUNTS = {
    "open": "anyone may register an account",
    "invite": "an invite code registers an account",
    "closed": "only admins create accounts",
}


def greet(server: Server) -> None:
    """Log the first lines of a server that has started."""
    config = server.config
    host = config.listen.rpartition(":")[0]
    secured = " with TLS" if config.tls is not None else ""
    _LOG.info(
        f"listening on {host}:{server.port}{secured}",
        version=__version__,
        data=str(config.folder) if config.folder is not None else "in memory only",
        node=config.node_name,
    )
    if server.web_port:
        _LOG.info(f"browsers: {config.page_addresses.own(server.web_port)}")
    if not config.loopback:
        plain = "" if secured else ", unencrypted"
        guests = ", and guests are admitted" if config.admits_guests else ""
        if plain or guests:
            _LOG.warning(f"this address is open to the network{plain}{guests}")
    _LOG.info(f"who may come in: {admitted(config)}")
    command = own_command()
    if not server.has_admin and config.folder is not None:
        _LOG.info(
            f"there is no admin yet: run `{command} user add --admin{_data(config)} NAME`"
            " on this machine"
        )
    for line in commands(config, server.port):
        _LOG.info(f"try: {command} {line}")


def admitted(config: Config) -> str:
    """Return who may use a server, in words."""
    who = "guests by name, and accounts" if config.admits_guests else "accounts"
    where = "on this machine only" if config.loopback else "from the network"
    words = [f"{who}, {where}", _ACCOUNTS[config.accounts]]
    if config.oidc_issuer:
        words.append(f"users of {config.oidc_issuer} sign in there")
    if config.tls_client_ca:
        words.append(f"each needs a client certificate of {config.tls_client_ca}")
    return "; ".join(words)


def commands(config: Config, port: int) -> Iterator[str]:
    """Yield the three commands to try next, without the name of the program."""
    server = _server(config, port)
    if config.admits_guests:
        yield f"connect{server} --name alice"
        yield f'send{server} --name bob "hello, alice"'
        yield f"clients{server}"
    elif config.accounts == "open":
        yield f"register{server} --name alice"
        yield f"connect{server} --name alice"
        yield f"clients{server}"
    else:
        invited = config.accounts == "invite"
        yield f"user {'invite' if invited else 'add'}{_data(config)}{'' if invited else ' alice'}"
        yield f"{'register --invited' if invited else 'login'}{server} --name alice"
        yield f"connect{server} --name alice"


def _server(config: Config, port: int) -> str:
    """Return the option that names a server to its clients; empty if they find it without."""
    host = config.listen.rpartition(":")[0]
    if config.address[0] in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104
        host = "localhost"
    if config.tls is not None:
        return f" --server {shlex.quote(f'https://{host}:{port}')}"
    if host == "localhost" and port == _DEFAULT_PORT:
        return ""
    return f" --server {shlex.quote(f'{host}:{port}')}"


def _data(config: Config) -> str:
    return f" --data {shlex.quote(config.data)}" if config.data else ""


def own_command() -> str:
    """Return the command with which a person can run this program again."""
    path = Path(sys.argv[0])
    if path.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m chat_grpc"
    if not path.is_file():
        return "chat-grpc"
    found = shutil.which(path.name)
    if found is not None and path.samefile(found):
        return path.name
    short = os.path.relpath(path)
    return shlex.quote(str(path) if short.startswith("..") else short)
