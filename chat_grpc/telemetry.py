"""What the server tells the person who runs it. Never what people write."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import structlog

from chat_grpc.config import Config
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import Client

NAMES_A_LINE = 10


def configure(config: Config) -> None:
    """Sets the logs up: lines of text on a terminal, JSON elsewhere, one line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(
            fmt="iso" if _json(config) else "%H:%M:%S", utc=_json(config)
        ),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor
    if _json(config):
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
        shared.pop()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _json(config: Config) -> bool:
    return config.log_format == "json" or (config.log_format == "auto" and not sys.stderr.isatty())


class Console:
    """Tells who came and left, and every so often how much is going on.

    Belongs to the event loop. Names pass PRECIS, and are escaped by the log's renderer.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._log = structlog.stdlib.get_logger("chat_grpc")
        self._last: tuple[float, int, int, int] = (hub.clock.monotonic(), hub.head, 0, 0)

    def tell_presence(self) -> None:
        """Tells who came and left since the last call, the first few by name."""
        presence = self._hub.presence
        self._tell("came", presence.joined)
        self._tell("left", presence.left)
        presence.joined.clear()
        presence.left.clear()

    def _tell(self, what: str, clients: Sequence[Client]) -> None:
        connected = len(self._hub.streams)
        for client in clients[:NAMES_A_LINE]:
            self._log.info(
                what, name=client.user.name, number=client.user.number, streams=connected
            )
        if len(clients) > NAMES_A_LINE:
            self._log.info(what, more=len(clients) - NAMES_A_LINE, streams=connected)

    def tell_rates(self) -> None:
        """Tells the rates since the last call; says nothing when nothing happened."""
        hub = self._hub
        now, head = hub.clock.monotonic(), hub.head
        deliveries, responses = hub.deliveries, hub.pacer.responses
        then, old_head, old_deliveries, old_responses = self._last
        self._last = (now, head, deliveries, responses)
        seconds = max(now - then, 1e-9)
        if deliveries == old_deliveries and head == old_head:
            return
        self._log.info(
            "rates",
            stored_per_s=round((head - old_head) / seconds, 1),
            delivered_per_s=round((deliveries - old_deliveries) / seconds, 1),
            events_a_response=round(
                (deliveries - old_deliveries) / max(responses - old_responses, 1), 1
            ),
            streams=len(hub.streams),
            queued_bytes=sum(outbox.size for outbox in hub.streams),
        )
