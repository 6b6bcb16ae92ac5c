"""`AdminService`: the state of the node, the delivery of messages, and the drain."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Any, Protocol

from chat_grpc.app.memory import memory_bytes
from chat_grpc.app.pages import filter_text, page_size
from chat_grpc.app.server_status import ServerStatus
from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import FieldInvalid, message_not_found
from chat_grpc.core.explain import DeliveryState, StoredEvent
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import Stream
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.spelling.names import folded, number_in
from chat_grpc.v1 import admin_pb2, chat_pb2

RATE_SECONDS = 5.0
"""Seconds over which rates are reported."""

DEFAULT_DRAIN = 10.0
MAX_DRAIN = 3600.0

_STATES = {
    DeliveryState.WAITING: admin_pb2.StreamDelivery.STATE_WAITING,
    DeliveryState.WRITTEN: admin_pb2.StreamDelivery.STATE_WRITTEN,
    DeliveryState.NOT_MEANT: admin_pb2.StreamDelivery.STATE_NOT_MEANT,
    DeliveryState.UNKNOWN: admin_pb2.StreamDelivery.STATE_UNKNOWN,
}


class Node(Protocol):
    """The server around the application."""

    @property
    def failed(self) -> bool:
        """True once the server must end because of a failure."""

    @property
    def connection_count(self) -> int | None:
        """The number of open connections; None if the transport does not count them."""

    @property
    def certificate_expire_time(self) -> int | None:
        """The time when the certificate expires, in seconds since 1970; None without TLS."""

    def status(self) -> ServerStatus:
        """Return the state of the node."""

    def drain(self, seconds: float) -> int:
        """Begin to end the server, over some seconds; return the number of open streams."""


class OperationMethods:
    """The operation of a node. Belongs to the event loop."""

    def __init__(self, hub: Hub, journal: Journal, node: Node, name: str) -> None:
        """`name` is that of the node."""
        self._hub = hub
        self._journal = journal
        self._node = node
        self._name = name

    # ------------------------------------------------------------- status

    async def status(
        self, _: admin_pb2.GetServerStatusRequest, __: Caller
    ) -> admin_pb2.GetServerStatusResponse:
        """Return the state of the node."""
        store_bytes = await self._journal.size()
        now, rates = self._node.status(), self._hub.rates.over(RATE_SECONDS)
        counts = self._hub.counts()
        told = admin_pb2.GetServerStatusResponse(
            version=now.version,
            node=now.node,
            stream_count=now.stream_count,
            client_count=now.client_count,
            head_sequence=now.head_sequence,
            lagging_stream_count=len(now.lagging_users),
            queued_bytes=now.queued_bytes,
            nodes=[now.node],
            log_id=now.log_id,
            oldest_sequence=now.oldest_sequence,
            refusals=now.refusals,
            stored_per_second=rates.stored,
            delivered_per_second=rates.delivered,
            responses_per_second=rates.responses,
            store_bytes=store_bytes,
            connection_count=self._node.connection_count,
            draining=now.draining,
            storage_full=self._journal.full,
            indexed_sequence=now.indexed_sequence,
            silent_call_count=now.silent_call_count,
            refused_admin_call_count=now.refused_admin_calls,
            stored_count=int(counts.stored),
            delivered_count=int(counts.delivered),
            response_count=int(counts.responses),
            memory_bytes=memory_bytes(),
        )
        told.start_time.FromNanoseconds(now.start_time)
        told.cpu_time.FromNanoseconds(time.process_time_ns())
        if (expires := self._node.certificate_expire_time) is not None:
            told.certificate_expire_time.FromSeconds(expires)
        if lagging := self._hub.catch_up.streams:
            told.most_lagging_stream.CopyFrom(self._described(max(lagging, key=self._behind)))
        return told

    async def list_streams(
        self, request: admin_pb2.ListStreamsRequest, _: Caller
    ) -> admin_pb2.ListStreamsResponse:
        """List a part of the streams in an order."""
        size, skip = page_size(request.page_size), request.skip
        if not 0 <= skip <= limits.MAX_SKIP:
            raise FieldInvalid(f"skip must be 0 to {limits.MAX_SKIP}.")
        key = self._orders().get(request.order)
        if key is None:
            raise FieldInvalid("order is not one of `StreamOrder`.")
        selects = _selecting(filter_text(request.filter))
        # The number of a stream decides between equal keys, so that streams are never compared.
        keyed = [
            (key(stream), stream.number, stream)
            async for stream in self._hub.walk()
            if selects(stream)
        ]
        first = heapq.nsmallest(skip + size, keyed)
        return admin_pb2.ListStreamsResponse(
            streams=[self._described(stream) for *_, stream in first[skip:]],
            total_count=len(self._hub.streams),
            matching_count=len(keyed),
        )

    def _orders(self) -> dict[int, Callable[[Stream], Any]]:
        return {
            admin_pb2.STREAM_ORDER_UNSPECIFIED: lambda stream: stream.number,
            admin_pb2.STREAM_ORDER_OLDEST: lambda stream: stream.number,
            admin_pb2.STREAM_ORDER_NEWEST: lambda stream: -stream.number,
            admin_pb2.STREAM_ORDER_QUEUE: lambda stream: -_queued(stream),
            admin_pb2.STREAM_ORDER_LAG: lambda stream: -self._behind(stream),
            admin_pb2.STREAM_ORDER_NAME: lambda stream: stream.user.key,
        }

    def _behind(self, stream: Stream) -> int:
        position = stream.delivery.position
        return 0 if position is None else max(self._hub.head - position, 0)

    def _described(self, stream: Stream) -> admin_pb2.StreamInfo:
        delivery = stream.delivery
        told = admin_pb2.StreamInfo(
            stream_number=stream.number,
            user=_author(stream.user),
            node=self._name,
            address=stream.caller.peer,
            agent=stream.agent,
            catching_up=delivery.catching_up is not None,
            behind=self._behind(stream),
            queued_bytes=_queued(stream),
            window_bytes=_window(stream),
            unanswered_count=stream.unanswered,
        )
        told.open_time.FromNanoseconds(int(stream.opened * 1e9))
        if delivery.writing_since:
            waited = max(self._hub.clock.monotonic() - delivery.writing_since, 0.0)
            told.stalled_time.FromMilliseconds(round(waited * 1000))
        return told

    # ------------------------------------------------------------- one message

    async def explain(
        self, request: admin_pb2.ExplainMessageRequest, _: Caller
    ) -> admin_pb2.ExplainMessageResponse:
        """Return the state of an event on each open stream that may receive it."""
        sequence = request.sequence
        event = await self._journal.history.placed(sequence) if 0 < sequence < 2**62 else None
        if event is None:
            raise message_not_found(sequence, "sequence")
        told = admin_pb2.ExplainMessageResponse()
        told.store_time.FromNanoseconds(event.time)
        async for stream in self._hub.walk():
            if not stream.delivery.closed:
                self._explain(stream, event, told)
        return told

    def _explain(
        self, stream: Stream, event: StoredEvent, told: admin_pb2.ExplainMessageResponse
    ) -> None:
        state = self._hub.explain(stream, event)
        if state is not None:
            told.deliveries.add(
                user=_author(stream.user),
                node=self._name,
                state=_STATES[state],
                queued_bytes=_queued(stream),
                window_bytes=_window(stream),
                stream_number=stream.number,
            )

    # ------------------------------------------------------------- the end

    async def drain(self, request: admin_pb2.DrainRequest, _: Caller) -> admin_pb2.DrainResponse:
        """Begin to end the server."""
        seconds = DEFAULT_DRAIN
        if request.HasField("duration"):
            seconds = request.duration.seconds + request.duration.nanos / 1e9
        if not 0.0 <= seconds <= MAX_DRAIN:
            raise FieldInvalid(f"duration must be 0 to {MAX_DRAIN:g} seconds.")
        return admin_pb2.DrainResponse(stream_count=self._node.drain(seconds))


def _selecting(text: str) -> Callable[[Stream], bool]:
    """Return whether a stream has a text in its name, address or program, or as its number."""
    if not text:
        return lambda _: True
    key, lower, number = folded(text), text.lower(), number_in(text)
    return lambda stream: (
        key in stream.user.key
        or lower in stream.caller.peer
        or lower in stream.agent.lower()
        or (number > 0 and number == stream.user.number)
    )


def _author(user: User) -> chat_pb2.Author:
    return chat_pb2.Author(number=user.number, name=user.name)


def _queued(stream: Stream) -> int:
    """Return the size of a stream's queue, with the part that its transport has no space for."""
    return stream.delivery.size + stream.delivery.unsent


def _window(stream: Stream) -> int | None:
    prompt = stream.delivery.prompt
    return prompt.window if prompt is not None and not stream.delivery.closed else None
