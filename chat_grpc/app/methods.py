"""The method table: for each method of the contract its handler, its types and its policy."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from chat_grpc.app.audit import Audit
from chat_grpc.app.duplex import Duplex
from chat_grpc.core.caller import Caller
from chat_grpc.v1 import account_pb2, admin_pb2, chat_pb2

SERVICES: tuple[ServiceDescriptor, ...] = (
    chat_pb2.DESCRIPTOR.services_by_name["ChatService"],
    account_pb2.DESCRIPTOR.services_by_name["AccountService"],
    admin_pb2.DESCRIPTOR.services_by_name["AdminService"],
)


STANDARD: tuple[ServiceDescriptor, ...] = (
    health_pb2.DESCRIPTOR.services_by_name["Health"],
    reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"],
)
"""The services that gRPC itself defines."""

STANDARD_METHODS = frozenset(
    {"Health.Check", "Health.Watch", "ServerReflection.ServerReflectionInfo"}
)
"""The methods of these services that have a row.

Newer releases of their packages define more, for example `Health.List`. These are UNIMPLEMENTED.
"""


class Access(Enum):
    """The policy of a method: who may call it. The value is the text of the documentation."""

    ANYONE = "anyone; a token is ignored"
    """For callers that request a token, and may have one that is no longer valid."""
    OPTIONAL = "anyone; a token must be valid"
    SIGNED_IN = "guests and accounts"
    OWN_DATA = "guests and accounts, also banned ones"
    """For the rights of users on their own data: a ban keeps them from the chat, not from these."""
    ACCOUNT = "accounts"
    MODERATOR = "admins; moderators of a room for it"
    ADMIN = "admins"


Unary = Callable[[Any, Caller], Awaitable[Message]]
"""Serves a unary method: takes the parsed request, returns the response or raises `ChatError`."""

ServerStream = Callable[[Any, Caller], AsyncGenerator[Message, None]]
"""Serves a method that streams responses: yields each when the one before was written.

It may raise `ChatError`, and is closed if the caller is gone or may no longer call the method.
"""

Stream = Callable[[Duplex, Caller], Awaitable[None]]
"""Serves a stream; returns or raises `ChatError` at its end."""


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table."""

    name: str
    """The service and the method, for example `ChatService.SendTo`."""
    access: Access
    unary: Unary | None = None
    """The handler of a unary method. A method without a handler is answered `UNIMPLEMENTED`."""
    stream: Stream | None = None
    """The handler of a stream."""
    server_stream: ServerStream | None = None
    """The handler of a method with one request and a stream of responses."""
    audit: Audit | None = None
    """How the audit log records the calls of admins; None for a method that changes and exports
    nothing."""
    path: str = field(init=False)
    """The path of gRPC, for example `/chat_grpc.v1.ChatService/SendTo`."""
    request: type[Message] = field(init=False)
    response: type[Message] = field(init=False)

    @property
    def served(self) -> bool:
        """True if the method has a handler."""
        return any((self.unary, self.stream, self.server_stream))

    def __post_init__(self) -> None:
        descriptor = _CONTRACT.get(self.name)
        if descriptor is None:
            raise LookupError(f"{self.name} is not a method of the contract")
        service = descriptor.containing_service.full_name
        set_field = object.__setattr__
        set_field(self, "path", f"/{service}/{descriptor.name}")
        set_field(self, "request", message_factory.GetMessageClass(descriptor.input_type))
        set_field(self, "response", message_factory.GetMessageClass(descriptor.output_type))


class MethodTable:
    """All methods of the contract, and of health and reflection, by path.

    A method without a row fails when the server starts.
    """

    def __init__(self, methods: Iterable[Method]) -> None:
        """Raise `LookupError` if a method of the contract has no row, and so no policy."""
        self._methods: Mapping[str, Method] = {method.path: method for method in methods}
        required = _names(SERVICES).keys() | STANDARD_METHODS
        missing = required - {method.name for method in self}
        if missing:
            raise LookupError(f"methods without a policy: {', '.join(sorted(missing))}")

    def __iter__(self) -> Iterator[Method]:
        return iter(self._methods.values())

    def __getitem__(self, path: str) -> Method:
        return self._methods[path]

    def __contains__(self, path: str) -> bool:
        return path in self._methods


def _names(services: Iterable[ServiceDescriptor]) -> dict[str, MethodDescriptor]:
    """Return the methods of services by name, for example `ChatService.SendTo`."""
    return {
        f"{service.name}.{method.name}": method
        for service in services
        for method in service.methods
    }


_CONTRACT: Mapping[str, MethodDescriptor] = _names((*SERVICES, *STANDARD))
