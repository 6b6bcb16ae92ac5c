"""What a client can be told when it is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from chat_grpc.client.backoff import Backoff
from chat_grpc.client.inbox import Position
from chat_grpc.client.state import ConnectionState


class Options(TypedDict, total=False):
    """The options of `ChatClient`; each may be left out."""

    name: str
    """The name of a guest. With a token, of the guest that is made where the server does not know
    the token any more, because it lost its store."""
    token: str | None
    """Names the user. Wins over `name`, and over the token of `resume_file`."""
    position: Position | None
    """Where to go on: a `position` that was kept. By default from now on, or where `resume_file`
    says."""
    resume_file: str | os.PathLike[str] | None
    """Keeps the guest's token, `device_id` and the place that the program has come to, so that
    its next start goes on there. Made where it is not there; only its owner can read it."""
    device_id: str | None
    """At most 128 characters; random by default. A second client of the user with the same one
    takes over from the first, which raises `Refused` (`REPLACED`)."""
    agent: str
    """The program and its version, which others see."""
    connect_timeout: float
    """Seconds that the first connection may take, 10 by default. A lost one is tried for again
    without end."""
    on_state: Callable[[ConnectionState], None] | None
    """Called on the loop at each change of `state`; must neither block nor raise."""
    backoff: Backoff | None
    """How long to wait between two tries."""
    channel_options: Sequence[tuple[str, Any]]
    """gRPC's channel arguments; they win over the SDK's own."""
