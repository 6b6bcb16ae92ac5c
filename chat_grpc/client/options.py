"""The options of a client."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypedDict

from chat_grpc.client.backoff import Backoff
from chat_grpc.client.inbox import Position
from chat_grpc.client.state import ConnectionState
from chat_grpc.client.tls import Tls


class Options(TypedDict, total=False):
    """The options of `ChatClient`. Each is optional."""

    name: str
    """The name of a guest. With a token: the name of the new guest if the server does not know
    the token, because it lost its store."""
    token: str | None
    """Identifies the user. Wins over `name`, and over the token in `resume_file`."""
    renew_token: Callable[[str], Awaitable[str]] | None
    """Called with a token that the server does not know; returns another one. By default the
    client signs in as a new guest of `name`. May raise `ChatError`, which ends the client."""
    position: Position | None
    """The position at which to resume, for example a stored `ChatClient.position`. By default the
    position in `resume_file`, or the head of the log."""
    resume_file: str | os.PathLike[str] | None
    """Keeps the guest's token, the `device_id` and the program's position, so that its next start
    resumes there. Created if missing; only its owner can read it."""
    device_id: str | None
    """At most 128 characters; random by default. A second client of the user with the same one
    takes over from the first, which raises `Refused` (`REPLACED`)."""
    agent: str
    """The program and its version, which others see."""
    connect_timeout: float | None
    """Seconds that the first connection may take, 10 by default; None sets no bound. A lost
    connection is tried again without end."""
    wait: bool
    """True repeats the first attempt if no server answers. By default that raises `NoServer` at
    once."""
    on_state: Callable[[ConnectionState], None] | None
    """Called on the event loop when `state` changes; must neither block nor raise."""
    backoff: Backoff | None
    """The time between two attempts to connect."""
    tls: Tls | None
    """Connects by TLS with these files, as `https://` does without any."""
    channel_options: Sequence[tuple[str, Any]]
    """gRPC channel arguments; they win over the SDK's own."""
