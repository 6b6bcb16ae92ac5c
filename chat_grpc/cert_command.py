"""The command `cert`: certificates to try TLS with."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_grpc.spelling.addresses import InvalidAddress, parse_address

if TYPE_CHECKING:
    from chat_grpc.certificates import Pair

_ALWAYS = ("localhost", "127.0.0.1", "::1")


def _host(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
    found = []
    for value in values:
        try:
            address = parse_address(value)
        except InvalidAddress as error:
            raise click.BadParameter(str(error)) from None
        if address.path or str(address) != str(parse_address(address.host)):
            raise click.BadParameter(f"{value!r} is not a host; write a name or an IP address.")
        found.append(address.host)
    return found


def _user(_: click.Context, __: click.Parameter, value: str | None) -> str:
    if value is None:
        return ""
    from chat_grpc.core.errors import NameInvalid
    from chat_grpc.core.names import check_name

    try:
        return check_name(value)[0]
    except NameInvalid as error:
        raise click.BadParameter(error.message) from None


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="chat-certificates",
    show_default=True,
    metavar="DIR",
    help="The folder for the files; created if there is none.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    callback=_host,
    help="A name or an IP address of the server, besides localhost and this machine's name. May be "
    "repeated.",
)
@click.option(
    "--client",
    metavar="NAME",
    callback=_user,
    help="Make a certificate that signs in as the account NAME.",
)
@click.option(
    "--days",
    default=365,
    show_default=True,
    type=click.IntRange(1, 825),
    help="Days for which the certificates are valid.",
)
def cert(folder: Path, hosts: list[str], client: str, days: int) -> None:
    """Make certificates to try TLS with.

    Makes an authority, and a certificate for a server or a client. An authority that is in DIR
    already is used again, for example for another --client. Never replaces a file. The keys have no
    password: only their owner can read the files.
    """
    # Imported late: it takes 50 ms.
    from chat_grpc.certificates import Authority, CertificateError, Pair

    authority, server = Pair(folder, "ca"), Pair(folder, "server")
    user = Pair(folder, f"client-{client}")
    old = authority.exists
    wanted = [server] if not (client and server.exists and old) else []
    wanted += [user] if client else []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for pair in wanted:
            pair.check_free()
        issuer = Authority.read(authority) if old else Authority.make(authority)
        if server in wanted:
            issuer.issue_server(server, [*_ALWAYS, _own_name(), *hosts], days)
        if client:
            issuer.issue_client(user, client, days)
    except CertificateError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from None
    made = [*([] if old else [authority]), *wanted]
    _tell(made, authority, server, user if client else None, client)


def _own_name() -> str:
    """Return the name of this machine, or `localhost` if it is not one that others may use."""
    try:
        return parse_address(socket.gethostname()).host
    except InvalidAddress:
        return _ALWAYS[0]


def _tell(made: list[Pair], authority: Pair, server: Pair, user: Pair | None, name: str) -> None:
    """Print what was made, and the commands that use it."""
    for pair in made:
        click.echo(f"made {pair.certificate} and {pair.key}")
    serve = ["--tls-cert", server.certificate, "--tls-key", server.key]
    connect = ["--tls-ca", authority.certificate]
    if user is not None:
        serve += ["--tls-client-ca", authority.certificate]
        connect += ["--tls-cert", user.certificate, "--tls-key", user.key]
    click.echo("\nNext:")
    if user is not None:
        click.echo(f"  {_line('user', 'add', name)}")
    click.echo(f"  {_line('serve', *serve)}")
    click.echo(f"  {_line('connect', *connect)}")


def _line(*words: object) -> str:
    return shlex.join(["chat-grpc", *map(str, words)])


COMMANDS = (cert,)
