"""The guard around every call: first request in time, bytes that parse, errors with a status."""

from __future__ import annotations

import asyncio
import inspect
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc import aio

from chat_grpc.core.errors import ChatError, FieldInvalid, FirstRequestLate, HelloRequired
from chat_grpc.service.status import grpc_status, internal_status

Context = aio.ServicerContext[Any, Any]
_LOG = logging.getLogger("chat_grpc.service")


class Guard(aio.ServerInterceptor):
    """Wraps each method, whatever its arity, in a handler that reads the requests itself.

    gRPC's own handlers wait for ever for the first request of a unary call, answer bytes that do
    not parse with `INTERNAL`, and put the text of an exception into the status. Behind the guard
    the first request must come within `first_request` seconds (`DEADLINE_EXCEEDED`), bad
    bytes are `INVALID_ARGUMENT`, a `ChatError` becomes its status, and any other exception
    becomes `INTERNAL` with an id under which the log has the rest.

    Handlers that are plain functions run on `pool`; they may block.
    """

    def __init__(
        self,
        pool: Executor,
        *,
        first_request: float,
        authorize: Callable[[str, Context], Awaitable[None]],
    ) -> None:
        """`first_request` is in seconds; `authorize` raises where a caller may not call."""
        self._pool = pool
        self._authorize = authorize
        self._first_request = first_request

    async def intercept_service(
        self,
        continuation: Callable[
            [grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]
        ],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Gives the guarded handler of a method; None for a method that nobody serves."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None

        async def call(_: object, context: Context) -> None:
            try:
                await guarded(context)
            except aio.InternalError:
                # Nothing can be written any more: the peer is gone, and the call with it. gRPC
                # would log it as a defect wherever it has not yet been told so itself.
                raise asyncio.CancelledError from None

        async def guarded(context: Context) -> None:
            try:
                # Before anything is read: who may not call learns it at once.
                await self._authorize(handler_call_details.method, context)
                await self._run(handler, context)
            except ChatError as error:
                await context.abort_with_status(grpc_status(error))
            except (aio.AbortError, aio.InternalError):
                raise
            except Exception:
                error_id = secrets.token_hex(4)
                if context.done():
                    raise
                _LOG.exception("error %s in %s", error_id, handler_call_details.method)
                await context.abort_with_status(internal_status(error_id))

        return grpc.stream_stream_rpc_method_handler(
            call, request_deserializer=None, response_serializer=handler.response_serializer
        )

    async def _run(self, handler: grpc.RpcMethodHandler[Any, Any], context: Context) -> None:
        requests = Requests(context, handler.request_deserializer, self._first_request)
        request: Any = requests
        if not handler.request_streaming:
            request = await requests.one()
        serve: Any = _function(handler)
        if inspect.isasyncgenfunction(serve):
            async for response in serve(request, context):
                await context.write(response)
        elif handler.response_streaming:
            await serve(request, context)
        elif inspect.iscoroutinefunction(serve):
            await context.write(await serve(request, context))
        else:
            loop = asyncio.get_running_loop()
            await context.write(await loop.run_in_executor(self._pool, serve, request, context))


def _function(handler: grpc.RpcMethodHandler[Any, Any]) -> object:
    """Gives the handler's function; which one it is depends on the arity."""
    return (
        handler.stream_stream or handler.unary_stream or handler.stream_unary or handler.unary_unary
    )


class Requests:
    """The requests of one call, parsed; the first must come in time."""

    def __init__(
        self,
        context: Context,
        deserializer: Callable[[bytes], Any] | None,
        first_request: float,
    ) -> None:
        self._context = context
        self._deserializer = deserializer
        self._first_request = first_request

    async def one(self) -> Any:
        """Reads the only request. Raises `FirstRequestLate` or `FieldInvalid`."""
        try:
            raw = await self.first()
        except FirstRequestLate:
            raise
        except HelloRequired:
            raise FieldInvalid("The call ended before its request.") from None
        return parse(self._deserializer, raw)

    async def first(self) -> bytes:
        """Reads the first request as bytes. Raises `FirstRequestLate` or `HelloRequired`."""
        try:
            async with asyncio.timeout(self._first_request):
                raw: Any = await self._context.read()
        except TimeoutError:
            raise FirstRequestLate(
                f"The first request did not come within {self._first_request:g} seconds."
            ) from None
        if raw is aio.EOF:
            raise HelloRequired("The call ended before its first request.")
        assert isinstance(raw, bytes)
        return raw

    async def __aiter__(self) -> AsyncIterator[Any]:
        raw: Any = await self.first()
        while raw is not aio.EOF:
            yield parse(self._deserializer, raw)
            raw = await self._context.read()


class _Bursts:
    """Lets one line a second through, so that bad bytes cannot flood the log."""

    def __init__(self) -> None:
        self._next = 0.0

    def may(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 1.0
        return True


_BURSTS = _Bursts()


def parse(deserializer: Callable[[bytes], Any] | None, raw: bytes) -> Any:
    """Parses a request. Raises `FieldInvalid` for bytes that are no such message."""
    if deserializer is None:
        return raw
    try:
        return deserializer(raw)
    except (DecodeError, ValueError, RecursionError):
        if _BURSTS.may():
            _LOG.info("a request of %d bytes does not parse", len(raw))
        raise FieldInvalid(
            "The request's bytes are not the message that the method takes."
        ) from None
