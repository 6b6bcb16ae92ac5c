"""The audit log: the calls of admins and moderators that it records, and their values."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from chat_grpc.core.audit import Action
from chat_grpc.core.caller import Caller

_MOST = 250
"""Characters that are kept of a value."""


@dataclass(frozen=True, slots=True)
class Audit:
    """How the audit log records the calls of a method. Secrets must not be among the fields."""

    subject: tuple[str, ...] = ()
    """The fields of the request that name its subject; the first one that is set counts."""
    detail: tuple[str, ...] = ()
    """The other fields of the request that are recorded."""
    at_once: bool = False
    """True: before the handler runs, for a method that changes nothing in the log.

    Otherwise the entry of the handler's change records the call.
    """


def action_of(method: str, audit: Audit, request: Message | None, caller: Caller) -> Action:
    """Return the action of a call; `request` is None for a method that streams."""
    subject, detail, reason = "", "", ""
    if request is not None:
        subject = next(filter(None, (_text(request, name) for name in audit.subject)), "")
        found = ((name, _text(request, name)) for name in audit.detail)
        detail = " ".join(f"{name}={text}" for name, text in found if text)
        reason = str(getattr(request, "reason", ""))
    name = method.rpartition(".")[2]
    return Action(name, caller.peer, subject[:_MOST], detail[:_MOST], reason[:_MOST])


def _text(request: Message, name: str) -> str:
    """Return the value of a field as text; empty if it is not set."""
    value = getattr(request, name)
    if isinstance(value, Duration):
        return f"{value.seconds}s" if request.HasField(name) else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value else ""
