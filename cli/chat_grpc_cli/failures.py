"""Errors of the SDK as one line for people and an exit status for scripts."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import click
import grpc

from chat_grpc.client import ChatError, Refused, ResumeFileUnusable, TlsUnusable
from chat_grpc_cli import exit_status
from chat_grpc_cli.files import StateUnusable
from chat_grpc_cli.pending import NotSent
from chat_grpc_cli.refusals import error_words
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.settings import SettingsUnusable
from chat_grpc_cli.standard_streams import complain

_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: exit_status.USAGE,
    grpc.StatusCode.UNAUTHENTICATED: exit_status.NOT_ALLOWED,
    grpc.StatusCode.PERMISSION_DENIED: exit_status.NOT_ALLOWED,
    grpc.StatusCode.ALREADY_EXISTS: exit_status.NOT_ALLOWED,
    grpc.StatusCode.ABORTED: exit_status.NOT_ALLOWED,
    grpc.StatusCode.FAILED_PRECONDITION: exit_status.NOT_ALLOWED,
    grpc.StatusCode.NOT_FOUND: exit_status.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED: exit_status.OVER_LIMIT,
}


class NotFound(ChatError):
    """The server does not have the thing that the user named."""


class LinesRefused(ChatError):
    """Some lines of standard input were not sent, and each was reported."""

    def __init__(self, message: str, first: ChatError) -> None:
        super().__init__(message)
        self.first = first
        """The error of the first line that was refused."""


def status_of(error: ChatError) -> int:
    """Return the exit status of an error."""
    match error:
        case LinesRefused():
            return status_of(error.first)
        case Refused(reason="TEXT_TOO_LONG"):
            return exit_status.OVER_LIMIT
        case Refused():
            return _STATUSES.get(error.code, exit_status.UNREACHABLE)
        case ResumeFileUnusable() | SettingsUnusable() | StateUnusable() | TlsUnusable():
            return exit_status.USAGE
        case NotFound():
            return exit_status.NOT_FOUND
        case NotSent():
            return exit_status.NOT_SENT
    return exit_status.UNREACHABLE


def sentence(error: ChatError) -> str:
    """Return one line that describes an error, safe to show."""
    hint = ""
    if isinstance(error, Refused) and error.reason == "TOKEN_REVOKED":
        hint = " `chat-grpc login` signs in; `chat-grpc logout` forgets the token."
    return safe(error_words(error, datetime.now().astimezone())) + hint


def run(
    action: Callable[[], Coroutine[Any, Any, None]],
    recover: Callable[[ChatError], bool] = lambda _: False,
) -> None:
    """Run a client command to its end. Turn its errors into a line and an exit status.

    If `recover` returns True for an error, the command runs once more. No event loop runs then, so
    that `recover` may ask the user.
    """
    with reported():
        try:
            asyncio.run(_until_terminated(action))
        except ChatError as error:
            if not recover(error):
                raise
            asyncio.run(_until_terminated(action))


@contextmanager
def reported() -> Iterator[None]:
    """Turn the errors of a client command into a line and an exit status."""
    try:
        yield
    except asyncio.CancelledError:
        raise SystemExit(exit_status.TERMINATED) from None
    except (KeyboardInterrupt, click.Abort):
        raise SystemExit(exit_status.INTERRUPTED) from None
    except ChatError as error:
        _fail(error)
    except ExceptionGroup as group:
        _fail(_first(group))


async def _until_terminated(action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # this platform's loop has no signal handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await action()


def _fail(error: BaseException) -> None:
    if not isinstance(error, ChatError):
        raise error
    complain(sentence(error))
    raise SystemExit(status_of(error)) from None


def _first(group: ExceptionGroup[Any]) -> BaseException:
    """Return the first error of a group that is not a `ChatError`, or else the first error."""
    _, others = group.split(ChatError)
    error: BaseException = others or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
