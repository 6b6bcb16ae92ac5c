"""The log, and the console lines for the operator. Neither contains the text of a message."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import structlog

from chat_grpc.config import Config
from chat_grpc.core.hub import Hub
from chat_grpc.core.stream import Client
from chat_grpc.log_output import LogOutput, StandardError

NAMES_AT_ONCE = 10
"""Clients that come or go at the same time are logged by name up to this number."""


def configure(config: Config) -> StandardError:
    """Set up the log of the process, and replace its stderr by a `StandardError`.

    One line for each event: text if stderr is a terminal, JSON otherwise. The caller closes the
    result as the last step of the process.
    """
    renderer: structlog.typing.Processor

    def dropped(count: int) -> str:
        record = logging.LogRecord(
            "chat_grpc", logging.WARNING, "", 0, "%d log lines were dropped", (count,), None
        )
        return formatter.format(record)

    stderr = StandardError(dropped)
    json = config.log_format == "json" or (config.log_format == "auto" and not stderr.terminal)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if json else "%H:%M:%S", utc=json),
    ]
    if json:
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=stderr.colored, pad_event_to=0)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = _Lines(stderr.output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    logging.captureWarnings(capture=True)
    # They log headers at the level debug: also the tokens of `authorization`.
    for name in ("hpack", "httpcore2", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return stderr


class _Lines(logging.Handler):
    """Hands each record, as a line, to a `LogOutput`."""

    def __init__(self, output: LogOutput) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._output.put(self.format(record), error=record.levelno >= logging.ERROR)
        except Exception:
            self.handleError(record)


class Console:
    """Logs arrivals and departures, and the rates of the last seconds.

    Belongs to the event loop. Names have passed PRECIS, and the log's renderer escapes them.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._log = structlog.stdlib.get_logger("chat_grpc")
        self._refusals: Counter[str] = Counter()

    def tell_presence(self) -> None:
        """Log the arrivals and departures since the last call.

        At most `NAMES_AT_ONCE` of each are logged by name.
        """
        presence = self._hub.presence
        self._tell("came", presence.joined)
        self._tell("left", presence.left)
        presence.joined.clear()
        presence.left.clear()

    def _tell(self, what: str, clients: Sequence[Client]) -> None:
        connected = len(self._hub.streams)
        for client in clients[:NAMES_AT_ONCE]:
            self._log.info(
                what, name=client.user.name, number=client.user.number, streams=connected
            )
        if len(clients) > NAMES_AT_ONCE:
            self._log.info(what, more=len(clients) - NAMES_AT_ONCE, streams=connected)

    def tell_refusals(self) -> None:
        """Log the refusals since the last call, by the option of their limit, if there are any."""
        refusals = self._hub.quotas.refusals
        if new := refusals - self._refusals:
            self._log.info("refused by limits", **new)
            self._refusals = refusals.copy()

    def tell_rates(self, seconds: float) -> None:
        """Log the rates of the last seconds; log nothing if nothing was stored or delivered."""
        hub = self._hub
        rates = hub.rates.over(seconds)
        if not (rates.stored or rates.delivered):
            return
        self._log.info(
            "rates",
            stored_per_s=round(rates.stored, 1),
            delivered_per_s=round(rates.delivered, 1),
            events_a_response=round(rates.delivered / max(rates.responses, 1e-9), 1),
            streams=len(hub.streams),
            queued_bytes=sum(stream.delivery.size for stream in hub.streams),
        )
