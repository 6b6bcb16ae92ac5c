"""A server with the limits of the internet; two good clients chat there beside an attacker."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from flood.calls import Answer, Calls, FloodedStream, Request, connected
from server.people import Person, meeting
from support import eventually, running

from chat_grpc.config import RATES
from chat_grpc.core.quotas import Quota
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

INTERNET: dict[str, Any] = {
    "transport": "http2",
    "guests": "on",
    "unlimited": ("127.0.0.1",),
    **{name: getattr(Quota(), name) for name in RATES},
}
"""The limits that a server on the internet has by default. The good clients' address has none."""


BURST = 40
"""A burst of messages that is used up soon."""


AT_A_TIME = 100
"""The calls that an attacker has open."""


class Chat:
    """A server, and two good clients, alice and bob."""

    def __init__(self, server: Server, alice: Person, bob: Person) -> None:
        self.server = server
        self.alice = alice
        self.bob = bob

    async def talk(self) -> None:
        """Let alice send messages until cancelled."""
        for number in range(1_000_000):
            await self.say(f"good {number}")
            await asyncio.sleep(0.1)

    async def say(self, text: str) -> None:
        """Send a message of alice, which must be stored, and must reach bob."""
        assert (await self.alice.sent(text)).sequence
        await eventually(lambda: text in self.bob.texts)

    @property
    def refusals(self) -> dict[str, int]:
        """The counters of refusals."""
        return dict(self.server.status().refusals)

    def check_counters(self, *names: str) -> None:
        """Check that these counters have counted, and no others."""
        assert set(self.refusals) == set(names)

    async def attacked(self, *requests: Request, times: int, open_at_end: int = 0) -> Calls:
        """Make calls in turn, 100 at a time; return them when all but some have ended.

        Calls that the server holds back, because the attacker insists, count as ended.
        """
        held = self.server.dispatcher.late_refusals
        async with connected(
            self.server.port, lambda: Calls(_in_turn(requests, times), most=AT_A_TIME)
        ) as calls:

            def over() -> bool:
                if calls.ended >= times - open_at_end:
                    return True
                return calls.open == AT_A_TIME and len(held) >= AT_A_TIME - open_at_end

            await eventually(over, 30)
            assert calls.open - len(held) <= open_at_end
        return calls

    async def flooded(
        self, token: str, make: Callable[[int], chat_pb2.ConnectRequest]
    ) -> FloodedStream:
        """Open a stream, and write numbered requests until the server ends it; return it.

        It waits for the first refusal: a stream that ends does not get all answers before.
        """
        numbers = itertools.count()
        async with connected(self.server.port, lambda: FloodedStream(token)) as stream:
            stream.write(*map(make, itertools.islice(numbers, 5 * BURST)))
            await eventually(lambda: stream.reasons["RATE_LIMITED"], 30)

            def ended() -> bool:
                if stream.takes_more:
                    stream.write(*map(make, itertools.islice(numbers, 20)))
                return stream.end is not None

            await eventually(ended, 30)
        return stream


def _in_turn(requests: tuple[Request, ...], times: int) -> Iterator[Request]:
    return (requests[number % len(requests)] for number in range(times))


def check_refusal(answer: Answer, limit: str) -> None:
    """Check that an answer is a refusal by a limit, with the time to wait."""
    assert (answer.code, answer.reason, answer.limit) == (8, "RATE_LIMITED", limit)
    assert 0.0 < answer.retry_after <= 60.0


@asynccontextmanager
async def chat(**options: Any) -> AsyncIterator[Chat]:
    """Run a server; alice's messages reach bob from the beginning to the end."""
    async with running(**INTERNET | options) as server, meeting(server, "alice", "bob") as people:
        found = Chat(server, *people)
        talking = asyncio.create_task(found.talk())
        try:
            yield found
            assert not talking.done(), talking.exception()
            await found.say("after the attack")
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
