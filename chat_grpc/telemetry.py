"""The log of the process: one line for each event, which never contains the text of a message."""

from __future__ import annotations

import logging

import structlog

from chat_grpc.config import Config
from chat_grpc.log_output import LogOutput, StandardError

_EXTRAS = ("method", "status", "ms", "address")
"""The values that a record of `logging` may have as `extra`."""

_RAW = frozenset({"exception", "stack"})
"""The values that may have several lines."""


def writes_json(config: Config, stderr: StandardError) -> bool:
    """Return whether the log is JSON, for a program; otherwise it is text, for a person."""
    return config.log_format == "json" or (config.log_format == "auto" and not stderr.terminal)


def configure(config: Config) -> StandardError:
    """Set up the log of the process, and replace its stderr by a `StandardError`.

    One line for each event: text if stderr is a terminal, JSON otherwise. The caller closes the
    result as the last step of the process.
    """

    def dropped(count: int) -> str:
        record = logging.LogRecord(
            "chat_grpc", logging.WARNING, "", 0, "%d log lines were dropped", (count,), None
        )
        return formatter.format(record)

    stderr = StandardError(dropped)
    json = writes_json(config, stderr)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if json else "%H:%M:%S", utc=json),
    ]
    if json:
        shared.append(structlog.processors.format_exc_info)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(_EXTRAS), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(_as_json() if json else _as_text(colored=stderr.colored)),
        ],
    )
    handler = _Lines(stderr.output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    logging.captureWarnings(capture=True)
    # At the level debug they log headers with tokens, and the bytes of messages.
    for name in ("hpack", "httpcore2", "httpx2", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return stderr


def _as_json() -> list[structlog.typing.Processor]:
    return [_ordered, structlog.processors.JSONRenderer()]


def _as_text(*, colored: bool) -> list[structlog.typing.Processor]:
    return [
        _escaped,
        structlog.dev.ConsoleRenderer(
            colors=colored, pad_event_to=0, pad_level=False, sort_keys=False
        ),
    ]


def _escaped(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape what does not print: an agent or a name must not move the cursor, or add a line."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable() and key not in _RAW:
            event[key] = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
    return event


def _ordered(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Put the time and the event first."""
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    return first | dict(event)


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
