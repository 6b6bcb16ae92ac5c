"""The parts that client commands share: options, exit statuses in the help, and the run itself."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from chat_grpc.spelling.addresses import DEFAULT_SERVER, InvalidAddress, parse_address
from chat_grpc_cli import suggestions
from chat_grpc_cli.exit_status import MEANINGS
from chat_grpc_cli.sections import ClientCommand

if TYPE_CHECKING:
    from chat_grpc.client import Tls

_F = TypeVar("_F", bound=Callable[..., Any])

STATUSES = "\b\n" + textwrap.fill(
    "Exit status: " + ", ".join(f"{status} {words}" for status, words in MEANINGS.items()) + ".", 78
)
"""The end of the help of each command that talks to a server."""

client_command = functools.partial(click.command, cls=ClientCommand, epilog=STATUSES)
"""The decorator of a command that talks to a server; its argument is another name than the
function's."""


def with_options(function: _F, *options: Callable[[_F], _F]) -> _F:
    """Add options to a command, in the order in which its help shows them."""
    for option in reversed(options):
        function = option(function)
    return function


def _pem(name: str, variable: str, text: str) -> Callable[[_F], _F]:
    return click.option(
        name, metavar="FILE", envvar=f"CHAT_GRPC_{variable}", show_envvar=True, help=text
    )


# The server has options of the same names; so the certificate has other variables here.
_CONNECTION = (
    click.option(
        "--server",
        envvar="CHAT_GRPC_SERVER",
        default=DEFAULT_SERVER,
        show_default=True,
        show_envvar=True,
        metavar="HOST:PORT",
        help="The server, if not the one that connect remembers. https://HOST:PORT is by TLS.",
    ),
    click.option(
        "--tls",
        is_flag=True,
        envvar="CHAT_GRPC_TLS",
        show_envvar=True,
        help="Connect by TLS. The three options below imply it.",
    ),
    _pem("--tls-ca", "TLS_CA", "The authorities to trust, in PEM.  [default: public ones]"),
    _pem("--tls-cert", "CLIENT_CERT", "Your certificate, in PEM. It may sign you in."),
    _pem("--tls-key", "CLIENT_KEY", "The private key of --tls-cert, in PEM."),
)

_wait = click.option(
    "--wait", is_flag=True, help="Wait for a server that does not answer; otherwise fail at once."
)

_NAME = "Your name.  [default: $CHAT_GRPC_NAME, the remembered one, or your system name]"


as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print protobuf's JSON, one object a line."
)

sent_as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print a Sent as JSON: requestId, sequence, duplicate."
)


def limit_of(items: str) -> Callable[[_F], _F]:
    """Return the option `--limit` of a command that prints the newest items."""
    return click.option(
        "--limit",
        metavar="N",
        default=50,
        show_default=True,
        type=click.IntRange(min=1),
        help=f"Print at most N {items}, the newest.",
    )


def to_option(default: str) -> Callable[[_F], _F]:
    """Return the option `--to` of a command; `default` describes the conversation without it."""
    return click.option(
        "--to",
        shell_complete=suggestions.addressees,
        metavar="3|NAME|#ROOM",
        help=f"A client by number or name, or a room.  [default: {default}]",
    )


def sequence(text: str) -> int:
    """Parse a sequence; the type of a parameter. Raises `click.BadParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise click.BadParameter(f"{text!r} is not a sequence. Use an integer of 0 or more.")
    return int(text)


def run(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a client command to its end; see `failures.run`, which is imported only now."""
    from chat_grpc_cli import failures

    failures.run(action)


def connection_options(function: _F, *, remembered: bool = False) -> _F:
    """Add the options of a connection, and pass on `server` and `tls`.

    With `remembered` the default is the connection that the first `connect` remembered.
    """

    @functools.wraps(function)
    def command(server: str, tls: bool, **options: Any) -> None:
        from chat_grpc.client import Tls

        files = {name: options.pop(f"tls_{name}") for name in ("ca", "cert", "key")}
        if remembered and is_default("server"):
            server, files["ca"] = _remembered(server, files["ca"])
        try:
            wanted = Tls(**files) if tls or any(files.values()) else None
            # The canonical spelling is the key of tokens and positions.
            address = str(parse_address(server, tls=wanted is not None))
        except InvalidAddress as error:
            raise click.BadParameter(str(error), param_hint="'--server'") from None
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        function(server=address, tls=wanted, **options)

    return with_options(cast("_F", command), *_CONNECTION)


def is_default(*options: str) -> bool:
    """Return True if the user gave none of the options, neither directly nor by a variable."""
    source = click.get_current_context().get_parameter_source
    return all(source(each) is ParameterSource.DEFAULT for each in options)


def _remembered(server: str, ca: str | None) -> tuple[str, str | None]:
    """Return the remembered server and its authority, or else the arguments."""
    from chat_grpc_cli.remembered import remembered

    kept = remembered()
    return (server, ca) if kept is None else (kept.server, ca or kept.tls_ca or None)


def access_options(name_help: str = _NAME) -> Callable[[_F], _F]:
    """Add the options that all client commands share, and pass them on as an `Access`."""

    def decorate(function: _F) -> _F:
        @functools.wraps(function)
        def command(
            server: str, tls: Tls | None, name: str | None, wait: bool, **options: Any
        ) -> None:
            from chat_grpc_cli.access import Access
            from chat_grpc_cli.remembered import user_of

            certified = _certified(tls, name)
            known = "" if certified or name else user_of(server)
            access = Access(server, certified or name, wait, tls, bool(certified), remembered=known)
            function(access, **options)

        name = click.option("--name", metavar="NAME", help=name_help)
        return with_options(cast("_F", command), _of_user, name, _wait)

    return decorate


_of_user = functools.partial(connection_options, remembered=True)


def _certified(tls: Tls | None, name: str | None) -> str:
    """Return the user that the client's certificate names; empty if there is none."""
    if tls is None:
        return ""
    from chat_grpc.client import TlsUnusable
    from chat_grpc.spelling.names import same_name

    try:
        found = tls.user()
    except TlsUnusable as error:
        raise click.UsageError(str(error)) from None
    if found and name is not None and not same_name(found, name):
        raise click.UsageError(f"--tls-cert is the certificate of {found}, and --name is {name}.")
    return found
