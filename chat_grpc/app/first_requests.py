"""The first request of each call: it must come in time, and few calls may wait for theirs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from chat_grpc.app.duplex import Duplex
from chat_grpc.core.errors import FieldInvalid, FirstRequestLate, HelloRequired
from chat_grpc.core.networks import network_of
from chat_grpc.core.quotas import Quotas


class FirstRequests:
    """Reads the first request of each call, with a deadline.

    At most `Quota.silent_calls_per_address` calls of one peer address wait for their first request.
    When one more comes, the oldest of them ends: an honest client sends its request at once, so it
    is not the oldest for long. Calls that sent their first request do not count.

    Belongs to the event loop.
    """

    def __init__(self, timeout: float, quotas: Quotas) -> None:
        """`timeout` is in seconds. `quotas` has the limit, and counts the calls that it ends."""
        self._timeout = timeout
        self._quotas = quotas
        self._most = quotas.quota.silent_calls_per_address
        self._silent: dict[str, OrderedDict[asyncio.Timeout, None]] = {}
        """The deadlines of the calls that wait, by peer address, the oldest first."""

    def __len__(self) -> int:
        """Return the number of calls that wait for their first request."""
        return sum(map(len, self._silent.values()))

    async def only(self, duplex: Duplex) -> bytes:
        """Return the only request of a unary call.

        Raises `FirstRequestLate` if it is late, `FieldInvalid` if the call ends before it.
        """
        try:
            return await self.read(duplex)
        except FirstRequestLate:
            raise
        except HelloRequired:
            raise FieldInvalid("The call ended before its request.") from None

    async def read(self, duplex: Duplex) -> bytes:
        """Return the first request.

        Raises `FirstRequestLate` if it is late, `HelloRequired` if the call ends before it.
        """
        if duplex.received and (request := await duplex.read()) is not None:
            return request
        peer = network_of(duplex.peer)
        silent = self._silent.setdefault(peer, OrderedDict())
        deadline = asyncio.timeout(self._timeout)
        try:
            async with deadline:
                silent[deadline] = None
                if self._most and len(silent) > self._most:
                    oldest, _ = silent.popitem(last=False)
                    oldest.reschedule(0.0)
                    self._quotas.refuse("silent_calls_per_address")
                request = await duplex.read()
        except TimeoutError:
            raise self._late() from None
        finally:
            silent.pop(deadline, None)
            if not silent:
                self._silent.pop(peer, None)
        if request is None:
            raise HelloRequired("The call ended before its first request.")
        return request

    def _late(self) -> FirstRequestLate:
        earlier = f", and earlier if {self._most} calls of one address have not sent theirs"
        return FirstRequestLate(
            f"The first request must come within {self._timeout:g} seconds"
            f"{earlier if self._most else ''}.",
            retry_after=1.0,
        )
