"""The `ConformanceService` on the web transport, and the program that the suite's runner starts.

`python -m peers.web_conformance_service LOOP` serves as `peers.conformance_service` does, by the
Connect protocol.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final, cast

from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2
from peers.conformance_service import (
    PACKAGE,
    answer_runner,
    conformance_service,
    read_request,
    run,
    tls_of,
)
from peers.messages import Handlers, Messages
from peers.tools import installed

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.methods import Access
from chat_grpc.transport.admission import Admission
from chat_grpc.transport.web.files import Files
from chat_grpc.transport.web.limits import DEFAULT_WEB_LIMITS, WebLimits
from chat_grpc.transport.web.server import WebTransport

_UNARY: Final = ("Unary", "IdempotentUnary")
_SERVER_STREAM: Final = "ServerStream"


@dataclass(frozen=True)
class _Method:
    """A row of the method table, as the web transport reads it."""

    name: str
    path: str
    request: type[Message]
    response: type[Message]
    unary: object = None
    server_stream: object = None
    stream: object = None
    access: Access = Access.ANYONE


class _Service:
    """The service with the interface of `Dispatcher`."""

    def __init__(self, messages: Messages) -> None:
        self._handlers: Handlers = conformance_service(messages)
        self.methods: dict[str, _Method] = {}
        for name in (*_UNARY, _SERVER_STREAM):
            path = f"/{PACKAGE}.ConformanceService/{name}"
            self.methods[path] = _Method(
                name,
                path,
                messages[f"{PACKAGE}.{name}Request"],
                messages[f"{PACKAGE}.{name}Response"],
                unary=None if name == _SERVER_STREAM else self,
                server_stream=self if name == _SERVER_STREAM else None,
            )

    def serves(self, path: str) -> bool:
        """Return whether a method is served."""
        return path in self.methods

    def too_large(self, limit: int) -> status_pb2.Status:
        """Return the status of a request that is too large; the suite expects no details."""
        return status_pb2.Status(code=code_pb2.RESOURCE_EXHAUSTED, message=f"over {limit} bytes")

    async def serve(self, path: str, duplex: Any) -> Any:
        """Run a handler; return the status of the call."""
        return await self._handlers.serve(path, duplex)


async def _main() -> None:
    messages = Messages(installed("peers/conformance.binpb"), descriptor_pool.Default())
    request = read_request(messages)
    transport = WebTransport(
        cast("Dispatcher", _Service(messages)),
        Files(),
        limits=WebLimits(max_body=request.message_receive_limit or DEFAULT_WEB_LIMITS.max_body),
        admission=Admission(
            tls=tls_of(request.server_creds, "http/1.1") if request.use_tls else None
        ),
    )
    port = await transport.start("127.0.0.1", 0)
    answer_runner(messages, port, request.server_creds.cert)
    await asyncio.Event().wait()


if __name__ == "__main__":
    run(_main)
