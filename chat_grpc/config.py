"""The server's options: one table, from which flags, environment, file and help come."""

from __future__ import annotations

import dataclasses
import os
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_grpc.folders import NoHomeFolder, data_folder
from chat_grpc.spelling.addresses import Address, InvalidAddress, parse_address

MEMORY = ":memory:"
ENVIRONMENT_PREFIX = "CHAT_GRPC_"
CONFIG_VARIABLE = f"{ENVIRONMENT_PREFIX}CONFIG"


class ConfigError(Exception):
    """An option that cannot be; the text is one line that names the right ones."""


def _option(default: Any, text: str, metavar: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "metavar": metavar})


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator may set. Times are in seconds."""

    listen: str = _option(
        "127.0.0.1:50051",
        "Where to listen. Port 0 takes a free one. Anything but loopback is open to the network, "
        "unencrypted.",
        "HOST:PORT",
    )
    data: str = _option(
        "",
        f"The folder that keeps everything; {MEMORY} keeps nothing. "
        "Default: the platform's folder for user data.",
        "DIR",
    )
    keep_days: float = _option(
        0.0, "Events older than so many days are dropped, 1 or more; 0 keeps all for good.", "DAYS"
    )
    keep_megabytes: int = _option(
        0,
        "Where the store uses more, its oldest events are dropped, but none of the last 24 hours; "
        "0 sets no bound.",
        "MB",
    )
    node: str = _option("", "What clients see as this node's name. Default: the host's.", "NAME")
    max_streams: int = _option(10_000, "How many streams may be open; the next is refused.", "N")
    threads: int = _option(8, "Threads for handlers that block.", "N")
    writers: int = _option(8, "At most so many writes in flight, on all streams together.", "N")
    heartbeat: float = _option(15.0, "A heartbeat comes after so much silence.", "SECONDS")
    first_request: float = _option(
        10.0, "How long a call may take to say what it wants.", "SECONDS"
    )
    drain: float = _option(
        5.0, "How long streams may take to leave when the server is asked to end.", "SECONDS"
    )
    log_format: str = _option("auto", "text, json, or auto: text on a terminal.", "FORMAT")
    log_level: str = _option("info", "debug, info, warning, or error.", "LEVEL")

    def __post_init__(self) -> None:
        _ = self._listen  # raises for what is not an address
        for name in ("max_streams", "threads", "writers"):
            if not 1 <= getattr(self, name) <= 1_000_000:
                raise ConfigError(f"{name} must be 1 to 1000000")
        for name in ("heartbeat", "first_request"):
            if not 0.05 <= getattr(self, name) <= 3600:
                raise ConfigError(f"{name} must be 0.05 to 3600 seconds")
        if self.keep_days != 0 and not 1 <= self.keep_days <= 36500:
            raise ConfigError("keep_days must be 0, or 1 to 36500 days")
        if not 0 <= self.keep_megabytes <= 1_000_000_000:
            raise ConfigError("keep_megabytes must be 0 to 1000000000")
        if not 0 <= self.drain <= 3600:
            raise ConfigError("drain must be 0 to 3600 seconds")
        for name, choices in (("log_format", FORMATS), ("log_level", LEVELS)):
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} must be one of: {', '.join(choices)}")

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port of `listen`."""
        found = self._listen
        return found.host, found.port

    @property
    def _listen(self) -> Address:
        try:
            found = parse_address(self.listen, default_port=None, lowest=0)
        except InvalidAddress as error:
            raise ConfigError(f"listen: {error}") from None
        if found.path:
            raise ConfigError(f"listen: {self.listen!r} is a socket file; write HOST:PORT")
        return found

    @property
    def folder(self) -> Path | None:
        """Where the store lies; None where nothing is kept."""
        if self.data == MEMORY:
            return None
        if self.data:
            return Path(self.data)
        try:
            return data_folder()
        except NoHomeFolder as error:
            raise ConfigError(f"{error}; use --data DIR") from None

    @property
    def node_name(self) -> str:
        """The name of this node."""
        return self.node or socket.gethostname() or "node"

    @property
    def loopback(self) -> bool:
        """True where only this machine can connect."""
        return self._listen.loopback


FORMATS = ("auto", "text", "json")
LEVELS = ("debug", "info", "warning", "error")

OPTIONS: Mapping[str, dataclasses.Field[Any]] = {
    field.name: field for field in dataclasses.fields(Config)
}


def load(
    flags: Mapping[str, Any], *, file: Path | None, environment: Mapping[str, str] | None = None
) -> Config:
    """Puts the options together: a flag wins over the environment, that over the file.

    Raises `ConfigError`.
    """
    given: dict[str, Any] = {}
    if file is not None:
        given.update(_from_file(file))
    given.update(_from_environment(os.environ if environment is None else environment))
    given.update({name: value for name, value in flags.items() if value is not None})
    return Config(**{name: _typed(name, value) for name, value in given.items()})


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    return {_known(key.replace("-", "_"), f"{file}: {key}"): v for key, v in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    # CHAT_GRPC_SERVER and CHAT_GRPC_NAME are the clients', CHAT_GRPC_CONFIG names the file.
    return {
        name: environment[variable]
        for name in OPTIONS
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in environment
    }


def _known(name: str, shown: str) -> str:
    if name not in OPTIONS:
        known = ", ".join(option.replace("_", "-") for option in OPTIONS)
        raise ConfigError(f"{shown} is not an option; there are: {known}")
    return name


def _typed(name: str, value: Any) -> Any:
    wanted = type(OPTIONS[name].default)
    if isinstance(value, str) and wanted is not str:
        try:
            return float(value) if wanted is float else int(value)
        except ValueError:
            raise ConfigError(f"{name} must be a number, not {value!r}") from None
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ConfigError(f"{name} must be of the type {wanted.__name__}, not {value!r}")
    return value
