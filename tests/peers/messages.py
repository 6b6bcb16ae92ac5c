"""Messages and calls of the services that the peers' suites expect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import code_pb2, status_pb2

from chat_grpc.transport.http2.call import Call
from chat_grpc.transport.web.post import PostCall

Metadata = list[tuple[str, str | bytes]]


class Messages:
    """The message classes of a file of descriptors, by full name."""

    def __init__(self, file: Path, pool: descriptor_pool.DescriptorPool | None = None) -> None:
        """`pool` takes the descriptors that it does not have; by default it is a new one.

        JSON of an `Any` needs the types in `descriptor_pool.Default()`.
        """
        self._pool = descriptor_pool.DescriptorPool() if pool is None else pool
        for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read_bytes()).file:
            try:
                self._pool.FindFileByName(proto.name)
            except KeyError:
                self._pool.AddSerializedFile(proto.SerializeToString())

    def __getitem__(self, name: str) -> Any:
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))


class Failed(Exception):
    """A call that its handler ends with a status."""

    def __init__(self, status: status_pb2.Status) -> None:
        super().__init__(status.message)
        self.status = status


Handler = Callable[[Any], Awaitable[None]]
"""Serves a `Call` or a `PostCall`."""


class Handlers:
    """A service for the transport: a handler for each path."""

    def __init__(self, service: str, handlers: dict[str, Handler]) -> None:
        """`service` is the full name of the service; `handlers` has its methods by name."""
        self._handlers = {f"/{service}/{name}": handler for name, handler in handlers.items()}

    def serves(self, path: str) -> bool:
        """Return whether there is a handler."""
        return path in self._handlers

    async def serve(self, path: str, call: Call) -> status_pb2.Status | None:
        """Run the handler; return the status of the call."""
        try:
            await self._handlers[path](call)
        except Failed as failed:
            return failed.status
        return None


async def requests(call: Call | PostCall, kind: Any) -> AsyncIterator[Any]:
    """Yield the requests of a call until the half-close."""
    while (encoded := await call.read()) is not None:
        yield kind.FromString(encoded)


async def only_request(call: Call | PostCall, kind: Any) -> Any:
    """Return the request of a unary call. Raises `Failed` if there is not exactly one."""
    found = [request async for request in requests(call, kind)]
    if len(found) != 1:
        message = f"The method takes one request, not {len(found)}."
        raise Failed(status_pb2.Status(code=code_pb2.UNIMPLEMENTED, message=message))
    return found[0]
