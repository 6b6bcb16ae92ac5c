"""The options of the server: one table for flags, environment, file and help."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_grpc.core.networks import Networks
from chat_grpc.core.quotas import LOOPBACK, Quota
from chat_grpc.folders import NoHomeFolder, data_folder
from chat_grpc.oidc.settings import IssuerSettings
from chat_grpc.option_values import (
    NONE,
    ConfigError,
    address_of,
    check_choice,
    check_range,
    flag_of,
    networks_of,
)
from chat_grpc.page_addresses import PageAddresses
from chat_grpc.spelling.addresses import Address
from chat_grpc.spelling.origins import InvalidOrigin, normal_origin
from chat_grpc.transport.identity import IdentityFiles

MEMORY = ":memory:"
OFF = "off"
IF_FREE = "auto"
WEB_ADDRESS = "127.0.0.1:8080"
"""The address for browsers that `IF_FREE` stands for."""


def _option(default: Any, text: str, metavar: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "metavar": metavar})


AUTO = -1
"""Stands for a default that depends on who can connect."""

_WEB_PATH = re.compile(r"(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])*")

_QUOTA = Quota()
RATES = (
    "messages_per_second",
    "bytes_per_second",
    "queries_per_second",
    "rooms_per_minute",
    "passwords_per_minute",
)
"""The rates of a user. By default they are not limited while only this machine can connect."""


def _rate(name: str, text: str, metavar: str = "N") -> Any:
    value = getattr(_QUOTA, name)
    text = f"{text} Default: {value:g}, or no limit if only this machine can connect."
    return _option(type(value)(AUTO), text, metavar)


@dataclass(frozen=True, slots=True)
class Config:
    """The options of a server. Times are in seconds. Raises `ConfigError`."""

    listen: str = _option(
        "127.0.0.1:50051",
        "Address to listen on. Port 0 picks a free port. Any address but loopback is open to the "
        "network, and needs --tls-cert or --insecure.",
        "HOST:PORT",
    )
    data: str = _option(
        "",
        f"Folder of the store. {MEMORY} stores nothing on disk. "
        "Default: the platform's folder for user data.",
        "DIR",
    )
    tls_cert: str = _option(
        "",
        "Serve TLS with this certificate: a PEM file with the server's certificate and those of "
        "its issuers. Needs --tls-key. Default: no TLS.",
        "FILE",
    )
    tls_key: str = _option(
        "", "The private key of --tls-cert: a PEM file without a password.", "FILE"
    )
    tls_client_ca: str = _option(
        "",
        "Admit only clients with a certificate of these authorities, a PEM file. A certificate "
        "whose SAN has the URI chat:NAME signs in as the account NAME.",
        "FILE",
    )
    insecure: bool = _option(
        False, "Listen without TLS on an address that is open to the network.", ""
    )
    keep_days: float = _option(
        0.0, "Drop events that are older than this, 1 day or more; 0 keeps all events.", "DAYS"
    )
    keep_megabytes: int = _option(
        0,
        "Drop the oldest events while the store uses more than this; events of the last 24 hours "
        "are always kept. 0 sets no limit.",
        "MB",
    )
    accounts: str = _option(
        "invite",
        "open: anyone may register an account. invite: with an invite code of an admin. closed: "
        "only admins create accounts.",
        "MODE",
    )
    guests: str = _option(
        "auto",
        "on: a name is enough to chat. off: only accounts are admitted. auto: on if only this "
        "machine can connect.",
        "MODE",
    )
    oidc_issuer: str = _option(
        "",
        "OpenID Connect issuer whose users may sign in: its URL, https or on this machine. Needs "
        "--oidc-client-id and the extra `oidc`. Default: none.",
        "URL",
    )
    oidc_client_id: str = _option("", "The server's client id at the issuer.", "ID")
    oidc_client_secret_file: str = _option(
        "", "A file with the client secret. Default: a public client.", "FILE"
    )
    oidc_audience: tuple[str, ...] = _option(
        (), "An audience of ID tokens; by default the client id. May be repeated.", "ID"
    )
    oidc_scope: tuple[str, ...] = _option(
        ("openid", "profile"), "A scope to ask the issuer for. May be repeated.", "SCOPE"
    )
    oidc_name_claim: str = _option(
        "preferred_username", "The claim with the name of a new account.", "NAME"
    )
    oidc_admin_claim: str = _option(
        "",
        "Users with this claim are admins, and those without it are none, from their next sign-in "
        "on. Default: the issuer does not decide about admins.",
        "NAME=VALUE",
    )
    oidc_require_claim: tuple[str, ...] = _option(
        (), "Admit only users with this claim. May be repeated: all are needed.", "NAME=VALUE"
    )
    node: str = _option(
        "", "Name of this node, as clients see it. Default: the name of the host.", "NAME"
    )
    max_streams: int = _option(
        10_000,
        "Maximum number of open streams. Lowered at start if the limit of open files does not "
        "allow it.",
        "N",
    )
    transport: str = _option(
        "http2",
        "http2: our own HTTP/2 on the event loop. grpcio: the server of the gRPC project, which is "
        "slower and takes more memory.",
        "NAME",
    )
    web_listen: str = _option(
        IF_FREE,
        "Address for browsers and HTTP clients: the page, WebSockets and the Connect protocol. It "
        f"uses --tls-cert, like --listen. off: none. auto: {WEB_ADDRESS}, or none, with a warning, "
        "if another program uses that port.",
        "HOST:PORT",
    )
    web_path: str = _option(
        "", "Prefix of all paths of --web-listen, for example /chat. Default: none.", "PATH"
    )
    web_origin: tuple[str, ...] = _option(
        (),
        "Origin at which a proxy serves --web-listen, for example https://chat.example.org. May "
        "be repeated.",
        "ORIGIN",
    )
    writers: int = _option(
        8, "With --transport grpcio: maximum concurrent writes across all streams.", "N"
    )
    heartbeat: float = _option(15.0, "Maximum silence of a stream before a heartbeat.", "SECONDS")
    first_request: float = _option(
        10.0, "Time in which a call must send its first request.", "SECONDS"
    )
    messages_per_second: float = _rate(
        "messages_per_second",
        "Messages a second that a user may send in the long run; edits, reactions and other "
        "changes count. 0 sets no limit, as for all limits below.",
    )
    message_burst: int = _option(
        _QUOTA.message_burst, "Messages that a user may send at once, 1 or more.", "N"
    )
    bytes_per_second: int = _rate(
        "bytes_per_second", "Bytes a second that a user may send in the long run.", "BYTES"
    )
    received_bytes_per_second: int = _option(
        _QUOTA.received_bytes_per_second,
        "Bytes a second that are received from one address, in the long run; more are read later.",
        "BYTES",
    )
    queries_per_second: float = _rate(
        "queries_per_second",
        "Lists a second that a user may ask for in the long run; a search counts as 5.",
    )
    rooms_per_minute: float = _rate(
        "rooms_per_minute", "Rooms a minute that a user may try to create."
    )
    passwords_per_minute: float = _rate(
        "passwords_per_minute", "Passwords of a user, a minute, that are checked or set."
    )
    guests_per_minute: float = _option(
        _QUOTA.guests_per_minute, "New guests a minute from one address.", "N"
    )
    connects_per_second: float = _option(
        _QUOTA.connects_per_second,
        "New connections, and new streams, a second from one address.",
        "N",
    )
    streams_per_user: int = _option(_QUOTA.streams_per_user, "Open streams of a user.", "N")
    streams_per_address: int = _option(
        _QUOTA.streams_per_address, "Open streams from one address.", "N"
    )
    rooms_per_user: int = _option(_QUOTA.rooms_per_user, "Rooms that a user may own.", "N")
    members_per_room: int = _option(_QUOTA.members_per_room, "Members of a room.", "N")
    invitations_per_room: int = _option(
        _QUOTA.invitations_per_room, "Open invitations to a room.", "N"
    )
    reactions_per_message: int = _option(
        _QUOTA.reactions_per_message, "Different emojis on a message.", "N"
    )
    silent_calls_per_address: int = _option(
        _QUOTA.silent_calls_per_address,
        "Calls from one address that have not sent their first request; one more ends the oldest.",
        "N",
    )
    side_streams_per_address: int = _option(
        _QUOTA.side_streams_per_address,
        "Open streams of health and reflection from one address.",
        "N",
    )
    resets_per_second: float = _option(
        _QUOTA.resets_per_second,
        "Streams a second that a connection may reset before they are answered.",
        "N",
    )
    control_frames_per_second: float = _option(
        _QUOTA.control_frames_per_second,
        "Pings, settings and other HTTP/2 frames a second that a connection may send for nothing.",
        "N",
    )
    unlimited: tuple[str, ...] = _option(
        LOOPBACK,
        "Network, address, or `unix`, whose addresses have no limits of an address. Their users "
        f"have those of a user. `{NONE}` for no address. May be repeated.",
        "NETWORK",
    )
    trusted_proxy: tuple[str, ...] = _option(
        (),
        "Network or address of a proxy: its callers have the address that it adds to "
        "x-forwarded-for. May be repeated.",
        "NETWORK",
    )
    proxy_protocol: bool = _option(
        False,
        "Each connection of a trusted proxy begins with a header of the PROXY protocol, version 1 "
        "or 2: the connection has the address in it. Needs --trusted-proxy.",
        "",
    )
    drain: float = _option(
        5.0, "At the end of the server, wait at most this long for streams to leave.", "SECONDS"
    )
    log_format: str = _option(
        "auto", "text, json, or auto: text if stderr is a terminal.", "FORMAT"
    )
    log_level: str = _option("info", "debug, info, warning, or error.", "LEVEL")

    def __post_init__(self) -> None:
        _ = self._listen, self._web_listen  # raises if one is not an address
        _ = self.web_origins  # raises if one is not an origin
        if not _WEB_PATH.fullmatch(self.web_path):
            raise ConfigError(f"web-path must be like /chat, not {self.web_path!r}")
        for name, other in _TOGETHER:
            if getattr(self, name) and not getattr(self, other):
                raise ConfigError(f"{flag_of(name)} needs {flag_of(other)}")
        if self.proxy_protocol and self.transport == "grpcio":
            raise ConfigError(
                "proxy-protocol needs the transport http2: the server of grpcio does not read the "
                "header; use x-forwarded-for, or --transport http2"
            )
        check_range("max_streams", self.max_streams, 1, 1_000_000)
        check_range("writers", self.writers, 1, 1000)
        check_range("heartbeat", self.heartbeat, 0.05, 3600, " seconds")
        check_range("first_request", self.first_request, 0.05, 3600, " seconds")
        check_range("drain", self.drain, 0, 3600, " seconds")
        check_range("keep_megabytes", self.keep_megabytes, 0, 1_000_000_000)
        for field in dataclasses.fields(Quota):
            if field.name not in RATES or getattr(self, field.name) != AUTO:
                check_range(
                    field.name,
                    getattr(self, field.name),
                    int(field.name == "message_burst"),
                    1_000_000_000,
                )
        _ = self.unlimited_networks, self.trusted_proxies  # raises if one is no network
        _ = self.issuer  # raises if an option of it is wrong
        if self.keep_days != 0:
            check_range("keep_days", self.keep_days, 1, 36500, " days, or 0")
        for name, choices in (
            ("transport", TRANSPORTS),
            ("accounts", ACCOUNTS),
            ("guests", GUESTS),
            ("log_format", FORMATS),
            ("log_level", LEVELS),
        ):
            check_choice(name, getattr(self, name), choices)

    @property
    def address(self) -> tuple[str, int]:
        """Return the host and the port of `listen`."""
        found = self._listen
        return found.host, found.port

    @property
    def web_address(self) -> tuple[str, int] | None:
        """Return the host and the port of `web_listen`, or None without one."""
        found = self._web_listen
        return None if found is None else (found.host, found.port)

    @property
    def web_shown(self) -> str:
        """Return the address of `web_listen` as an operator writes it."""
        return WEB_ADDRESS if self.web_listen == IF_FREE else self.web_listen

    @property
    def _listen(self) -> Address:
        return address_of("listen", self.listen)

    @property
    def _web_listen(self) -> Address | None:
        if self.web_listen == OFF:
            return None
        return address_of("web_listen", self.web_shown)

    @property
    def web_origins(self) -> tuple[str, ...]:
        """Return the further origins of the page, in the spelling of browsers."""
        try:
            return tuple(normal_origin(each) for each in self.web_origin)
        except InvalidOrigin as error:
            raise ConfigError(f"web-origin: {error}") from None

    @property
    def page_addresses(self) -> PageAddresses:
        """Return the URLs of the page."""
        return PageAddresses(
            self._web_listen, self.web_origins, self.web_path, secured=bool(self.tls_cert)
        )

    def check_encrypted(self) -> None:
        """Raise `ConfigError` if others could read the traffic, and nobody said that they may."""
        if not (self.loopback or self.tls_cert or self.insecure):
            shown = self.web_shown if self._listen.loopback else self.listen
            raise ConfigError(
                f"{shown} is open to the network, and without TLS anyone there can read "
                "passwords and messages: use --tls-cert and --tls-key (`chat-grpc cert` makes a "
                "pair to try), listen on 127.0.0.1, or accept the risk with --insecure"
            )

    @property
    def folder(self) -> Path | None:
        """Return the folder of the store, or None if nothing is stored on disk."""
        if self.data == MEMORY:
            return None
        if self.data:
            return Path(self.data)
        try:
            return data_folder()
        except NoHomeFolder as error:
            raise ConfigError(f"{error}; use --data DIR") from None

    @property
    def tls(self) -> IdentityFiles | None:
        """Return the files of the certificate, or None without TLS."""
        if not self.tls_cert:
            return None
        authorities = Path(self.tls_client_ca) if self.tls_client_ca else None
        return IdentityFiles(Path(self.tls_cert), Path(self.tls_key), authorities)

    @property
    def issuer(self) -> IssuerSettings | None:
        """Return the settings of the OpenID Connect issuer, or None without one."""
        try:
            return IssuerSettings.of(dataclasses.asdict(self))
        except ValueError as error:
            raise ConfigError(f"OpenID Connect: {error}") from None

    @property
    def node_name(self) -> str:
        """Return the name of this node."""
        return self.node or socket.gethostname() or "node"

    @property
    def admits_guests(self) -> bool:
        """True if a name is enough to chat."""
        return self.guests == "on" or (self.guests == "auto" and self.loopback)

    @property
    def quota(self) -> Quota:
        """Return the limits of users and addresses."""
        values = {each.name: getattr(self, each.name) for each in dataclasses.fields(Quota)}
        for name in RATES:
            if values[name] == AUTO:
                values[name] = 0 if self.loopback else getattr(_QUOTA, name)
        return Quota(**values)

    @property
    def unlimited_networks(self) -> Networks:
        """Return the networks that have no limits of an address."""
        return networks_of("unlimited", self.unlimited)

    @property
    def trusted_proxies(self) -> Networks:
        """Return the networks of proxies whose `x-forwarded-for` counts."""
        return networks_of("trusted_proxy", self.trusted_proxy)

    @property
    def loopback(self) -> bool:
        """True if only this machine can connect."""
        web = self._web_listen
        return self._listen.loopback and (web is None or web.loopback)


_TOGETHER = (
    ("tls_cert", "tls_key"),
    ("tls_key", "tls_cert"),
    ("tls_client_ca", "tls_cert"),
    ("proxy_protocol", "trusted_proxy"),
)
TRANSPORTS = ("http2", "grpcio")
ACCOUNTS = ("open", "invite", "closed")
GUESTS = ("auto", "on", "off")
FORMATS = ("auto", "text", "json")
LEVELS = ("debug", "info", "warning", "error")

OPTIONS: Mapping[str, dataclasses.Field[Any]] = {
    field.name: field for field in dataclasses.fields(Config)
}
