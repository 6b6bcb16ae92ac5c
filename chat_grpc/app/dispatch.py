"""The dispatcher: serves the calls of every transport."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Protocol

from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2

from chat_grpc.app.audit import action_of
from chat_grpc.app.charges import charge
from chat_grpc.app.duplex import CallEnded, Duplex
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.forwarded import UnnamedProxy, seen_through
from chat_grpc.app.late_refusals import LateRefusals
from chat_grpc.app.methods import Access, Method, MethodTable
from chat_grpc.app.parsing import parse
from chat_grpc.app.status import internal_status, status_of
from chat_grpc.app.telling import tell
from chat_grpc.app.turns import Turns
from chat_grpc.core import limits
from chat_grpc.core.activity import Activity
from chat_grpc.core.caller import Caller, Role
from chat_grpc.core.errors import ChatError, FellBehind, NotServed, RateLimited, RequestTooLarge
from chat_grpc.core.networks import Networks, network_of
from chat_grpc.core.quotas import Quotas

_LOG = logging.getLogger("chat_grpc.app")

_RECHECK = 0.5
"""Seconds after which the right of a caller who does not read a response is checked again."""


class Callers(Protocol):
    """Resolves the callers of calls."""

    async def caller(self, access: Access, duplex: Duplex) -> Caller:
        """Return the caller of a call, or raise the `ChatError` of a policy that refuses it."""


class Dispatcher:
    """Resolves the caller of each call, reads its request, runs its handler, writes the response.

    Belongs to the event loop.
    """

    def __init__(
        self,
        methods: MethodTable,
        callers: Callers,
        first_requests: FirstRequests,
        quotas: Quotas,
        record: Callable[[Caller], Awaitable[None]],
        activity: Activity,
        proxies: Networks | None = None,
    ) -> None:
        """`record` writes a call that changes nothing in the log to the audit log.

        `activity` gets the calls that change something, and the refusals. `proxies` are the
        networks whose `x-forwarded-for` is believed; by default none.
        """
        self.methods = methods
        self._callers = callers
        self._quotas = quotas
        self._record = record
        self._activity = activity
        self._proxies = Networks(()) if proxies is None else proxies
        self._unnamed_proxy = UnnamedProxy()
        self._first_requests = first_requests
        self.late_refusals = LateRefusals(quotas)
        self._turns = Turns(time.monotonic)
        self._pending: Counter[int | str] = Counter()
        """Bytes of responses that are being written, by user number or peer address."""

    @property
    def pending_bytes(self) -> int:
        """Bytes of responses, other than those of streams, that are being written."""
        return self._pending.total()

    def serves(self, path: str) -> bool:
        """Return whether the method table has a path."""
        return path in self.methods

    def admits(self, peer: str) -> bool:
        """Return whether a new connection of a peer is within the limits.

        Those of trusted proxies are: the callers behind them are counted by their calls.
        """
        return peer in self._proxies or self._quotas.connection(peer)

    def meter(self, peer: str) -> Callable[[int], float] | None:
        """Return the function that counts the bytes of a peer; see `Quotas.meter`.

        Those of trusted proxies are not counted: they are of many callers.
        """
        return None if peer in self._proxies else self._quotas.meter(peer)

    def too_large(self, limit: int) -> status_pb2.Status:
        """Return the status of a request with more bytes than a transport takes."""
        message = f"The request has more than {limit} bytes; send less at once."
        return status_of(RequestTooLarge(message, metadata={"max_bytes": str(limit)}))

    async def serve(self, path: str, duplex: Duplex) -> status_pb2.Status | None:
        """Serve one call to its end, and return its status.

        Return None for `OK`, and for a call whose peer is gone.

        `path` must be one of the method table. Only cancellation raises.
        """
        if duplex.peer in self._proxies:
            duplex = seen_through(duplex, self._proxies)
        elif not self._proxies:
            self._unnamed_proxy.look_at(duplex)
        began, outcome = time.monotonic(), "CANCELLED"
        try:
            status = await self._status(path, duplex)
            outcome = "OK" if status is None else code_pb2.Code.Name(status.code)
        except CallEnded:
            return None
        finally:
            if _LOG.isEnabledFor(logging.DEBUG):
                _log_call(path, outcome, time.monotonic() - began, duplex.peer)
        return status

    async def _status(self, path: str, duplex: Duplex) -> status_pb2.Status | None:
        """Serve a call; return its status, None for `OK`. Raises `CallEnded`."""
        try:
            await self._serve(self.methods[path], duplex)
        except ChatError as error:
            return status_of(error)
        except CallEnded:
            raise
        except Exception:
            error_id = secrets.token_hex(4)
            _LOG.exception("error %s in %s", error_id, path)
            return internal_status(error_id)
        return None

    async def _serve(self, method: Method, duplex: Duplex) -> None:
        # Before anything is read, so that a caller without the right is refused at once.
        caller = await self._admitted(method, duplex)
        try:
            with self._activity.refusing(duplex.peer):
                if method.stream is None:
                    await self._serve_request(method, duplex, caller)
                    return
                charge(self._quotas, method.name, caller)
                caller = await self._audited(method, None, caller)
        except ChatError as error:
            if error.reason == RateLimited.reason:  # of several classes
                await self.late_refusals.hold(caller.number, duplex)
            raise
        # An error from here on may be the end of an open stream, which is no refusal.
        await method.stream(duplex, caller)

    async def _admitted(self, method: Method, duplex: Duplex) -> Caller:
        """Return the caller; hold the refusals of callers who insist without the right."""
        try:
            with self._activity.refusing(duplex.peer):
                return await self._caller(method, duplex)
        except ChatError:
            await self.late_refusals.hold(0, duplex)
            raise

    async def _caller(self, method: Method, duplex: Duplex) -> Caller:
        """Return the caller. A call that is not let in counts as a query of its address."""
        await self._turns.take(duplex.connection)
        try:
            if not method.served:
                raise NotServed(f"This server does not implement {method.name}.")
            return await self._callers.caller(method.access, duplex)
        except ChatError:
            self._quotas.query(1.0, 0, duplex.peer)
            raise

    async def _serve_request(self, method: Method, duplex: Duplex, caller: Caller) -> None:
        """Serve a call with one request."""
        waits = not duplex.received
        encoded = await self._request(method, duplex, caller)
        request = parse(method.request, encoded)
        if waits:
            # It may have come long after the call began: tokens, roles and bans count now.
            caller = await self._callers.caller(method.access, duplex)
        caller = await self._audited(method, request, caller)
        if method.unary is not None:
            self._check_unread(_payer(caller))
            response = await method.unary(request, caller)
            tell(self._activity, method.name, request, response, caller)
            await self._write(duplex, response, caller, limits.RESPONSE_STALLED)
        elif method.server_stream is not None:
            tell(self._activity, method.name, request, None, caller)
            await self._stream(method, method.server_stream(request, caller), duplex, caller)

    async def _request(self, method: Method, duplex: Duplex, caller: Caller) -> bytes:
        """Return the only request of a call, and charge it; a call without one counts, too."""
        try:
            encoded = await self._first_requests.only(duplex)
        except ChatError:
            charge(self._quotas, method.name, caller)
            raise
        charge(self._quotas, method.name, caller, len(encoded))
        return encoded

    async def _stream(
        self,
        method: Method,
        responses: AsyncGenerator[Message, None],
        duplex: Duplex,
        caller: Caller,
    ) -> None:
        """Write responses as the caller reads them, while the caller may call the method."""
        async with contextlib.aclosing(responses):
            async for response in responses:
                await self._callers.caller(method.access, duplex)
                writing = asyncio.ensure_future(
                    self._write(duplex, response, caller, limits.STALLED)
                )
                try:
                    # A caller who does not read may lose the right, too.
                    while not (await asyncio.wait({writing}, timeout=_RECHECK))[0]:
                        await self._callers.caller(method.access, duplex)
                    await writing
                finally:
                    writing.cancel()

    async def _audited(self, method: Method, request: Message | None, caller: Caller) -> Caller:
        """Return the caller with the action that the audit log records, if it records the call."""
        moderates = method.access is Access.MODERATOR  # the log refuses others
        if method.audit is None or not (moderates or Role.ADMIN in caller.roles):
            return caller
        caller = replace(caller, action=action_of(method.name, method.audit, request, caller))
        if method.audit.at_once:
            await self._record(caller)
        return caller

    def _check_unread(self, payer: int | str) -> None:
        """Raise `FellBehind` if a large response could not be written: before the work for it."""
        pending = self._pending.get(payer, 0)
        if pending and pending + limits.MAX_PAGE_BYTES > limits.MAX_PENDING_RESPONSES:
            raise _too_many_unread()

    async def _write(
        self, duplex: Duplex, response: Message, caller: Caller, within: float
    ) -> None:
        """Write a response within some seconds, or give up.

        Raises `FellBehind` if the caller does not read its responses.
        """
        encoded = response.SerializeToString()
        with self._account(_payer(caller), len(encoded)):
            try:
                async with asyncio.timeout(within):
                    await duplex.write(encoded)
            except TimeoutError:
                raise FellBehind(
                    f"The response was not read within {within:g} seconds.",
                    retry_after=1.0,
                ) from None

    @contextlib.contextmanager
    def _account(self, payer: int | str, size: int) -> Iterator[None]:
        """Count the bytes of a response while it is written."""
        pending = self._pending
        if (pending[payer] and pending[payer] + size > limits.MAX_PENDING_RESPONSES) or (
            pending.total() + size > limits.MAX_ALL_PENDING_RESPONSES
        ):
            raise _too_many_unread()
        pending[payer] += size
        try:
            yield
        finally:
            pending[payer] -= size
            if not pending[payer]:
                del pending[payer]


def _log_call(path: str, status: str, seconds: float, address: str) -> None:
    """Log the end of a call. `status` is the name of its gRPC status."""
    told = {"method": path, "status": status, "ms": round(seconds * 1000, 1), "address": address}
    _LOG.debug("call", extra=told)


def _payer(caller: Caller) -> int | str:
    """Return the key under which the unread responses of a caller are counted."""
    return caller.number or network_of(caller.peer)


def _too_many_unread() -> FellBehind:
    return FellBehind(
        "You have too many unread responses; read them, then call again.", retry_after=1.0
    )
