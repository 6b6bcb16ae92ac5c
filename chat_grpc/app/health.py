"""The health service of gRPC ("GRPC Health Checking Protocol")."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from grpc_health.v1 import health_pb2

from chat_grpc.app.duplex import Duplex
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.parsing import parse
from chat_grpc.app.side_streams import SideStreams
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import ServiceUnknown

_Response: Final = health_pb2.HealthCheckResponse


class Health:
    """The health of each service, by name. The empty name stands for the whole server.

    A watcher that does not read delays nobody. Belongs to the event loop.
    """

    def __init__(self, first_requests: FirstRequests, side_streams: SideStreams) -> None:
        self._first_requests = first_requests
        self._side_streams = side_streams
        self._states: dict[str, health_pb2.HealthCheckResponse.ServingStatus.ValueType] = {}
        self._changed = asyncio.Event()
        """Replaced at each change, so that every watcher sees it."""

    def set(self, names: Iterable[str], *, serving: bool) -> None:
        """Set the health of some services, and notify their watchers."""
        state = _Response.SERVING if serving else _Response.NOT_SERVING
        self._states.update(dict.fromkeys(names, state))
        self._changed.set()
        self._changed = asyncio.Event()

    async def check(
        self, request: health_pb2.HealthCheckRequest, _: Caller
    ) -> health_pb2.HealthCheckResponse:
        """Return the health of a service. Raises `ServiceUnknown`."""
        state = self._states.get(request.service)
        if state is None:
            raise ServiceUnknown(f"There is no service {request.service!r}.")
        return _Response(status=state)

    async def watch(self, duplex: Duplex, caller: Caller) -> None:
        """Send the health of a service now and at each change, until the call is cancelled.

        Raises `TooManyStreams` if the peer's address, or all addresses together, have too many
        streams.
        """
        with self._side_streams.admit(caller.peer):
            encoded = await self._first_requests.only(duplex)
            name = parse(health_pb2.HealthCheckRequest, encoded).service
            sent = None
            while True:
                changed = self._changed
                state = self._states.get(name, _Response.SERVICE_UNKNOWN)
                if state != sent:
                    sent = state
                    await duplex.write(_Response(status=state).SerializeToString())
                await changed.wait()
