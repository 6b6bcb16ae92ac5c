"""The gRPC health service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final, NoReturn

import grpc
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

_Response: Final = health_pb2.HealthCheckResponse


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # it has no types
    """Answers `Check` and `Watch`.

    Unlike the servicer of grpcio-health-checking, a watcher that does not read delays neither the
    server, which sets the health, nor other watchers. Belongs to the event loop.
    """

    def __init__(self) -> None:
        self._states: dict[str, health_pb2.HealthCheckResponse.ServingStatus.ValueType] = {}
        self._changed = asyncio.Event()
        """Replaced at each change, so that every watcher sees it."""

    def set(self, names: Iterable[str], *, serving: bool) -> None:
        """Set the health of some services. `""` stands for the whole server."""
        state = _Response.SERVING if serving else _Response.NOT_SERVING
        self._states.update(dict.fromkeys(names, state))
        self._changed.set()
        self._changed = asyncio.Event()

    async def Check(  # noqa: N802 - the name of the method in the contract
        self, request: health_pb2.HealthCheckRequest, context: aio.ServicerContext[Any, Any]
    ) -> health_pb2.HealthCheckResponse:
        """Return the health of a service; `NOT_FOUND` for an unknown one."""
        state = self._states.get(request.service)
        if state is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "There is no such service.")
        return _Response(status=state)

    async def Watch(  # noqa: N802
        self, request: health_pb2.HealthCheckRequest, context: aio.ServicerContext[Any, Any]
    ) -> NoReturn:
        """Write the health of a service, now and at each change."""
        told = None
        while True:
            changed = self._changed
            state = self._states.get(request.service, _Response.SERVICE_UNKNOWN)
            if state != told:
                told = state
                await context.write(_Response(status=state))
            # A change during the write has set this event already.
            await changed.wait()
