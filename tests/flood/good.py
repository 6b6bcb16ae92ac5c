"""Good clients that chat in the lobby, on bare HTTP/2: what they measure is the server's time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from math import inf

from support import LOBBY, eventually
from wire import CALL, END, START, call_headers, grpc_message

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame
from chat_grpc.v1 import chat_pb2

ID = re.compile(rb"good-\d+-\d+;")
"""The request id of each message, which is also its text."""

PER_SECOND = 60.0
"""Messages a second of all good clients together, by default."""


_LONGEST = 64
"""Bytes at the end of a read that may be the beginning of a request id or a name."""


class Good(asyncio.Protocol):
    """One client. It reads at once, so no window closes."""

    def __init__(self, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns the seconds in which latencies are measured."""
        self.number = number
        self._clock = clock
        self.sent: list[str] = []
        self.seen: set[str] = set()
        """The texts of good clients that were received."""
        self.welcomed = False
        """True once the stream is open: `welcome` has the client's name."""
        self.lost = False
        """True if the connection ended before its client closed it."""
        self.latencies: list[tuple[float, float]] = []
        """When each message was due, and the seconds of the clock until the server stored it."""
        self._waits: dict[bytes, tuple[float, float]] = {}
        """By the id of a message without an answer, its due time, and that of the clock."""
        self._rest = b""
        self._socket: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open a stream."""
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        hello = chat_pb2.ConnectRequest(hello=chat_pb2.Hello(name=f"good{self.number}"))
        transport.write(START + call_headers(1, CALL) + self._request(hello))

    def _request(self, request: chat_pb2.ConnectRequest) -> bytes:
        return frame(frames.DATA, 0, 1, grpc_message(request.SerializeToString()))

    def data_received(self, data: bytes) -> None:
        """Note the messages of good clients, and the answers to own ones."""
        data = self._rest + data
        self._rest = data[-_LONGEST:]
        self.welcomed = self.welcomed or f"good{self.number}".encode() in data
        for found in ID.findall(data):
            self.seen.add(found.decode())
            if (waits := self._waits.pop(found, None)) is not None:
                due, since = waits
                self.latencies.append((due, max(0.0, self._clock() - since)))

    def connection_lost(self, _: Exception | None) -> None:
        """Note it."""
        self.lost = not self._socket.is_closing() or self.lost

    def eof_received(self) -> bool:
        """Note that the server ended the connection."""
        self.lost = True
        return False

    def say(self, due: float) -> None:
        """Send a message that was due at a time."""
        text = f"good-{self.number}-{len(self.sent)};"
        self.sent.append(text)
        late = time.monotonic() - due if self._clock is time.monotonic else 0.0
        self._waits[text.encode()] = due, self._clock() - late
        send = chat_pb2.Send(target=LOBBY, text=text, request_id=text)
        self._socket.write(self._request(chat_pb2.ConnectRequest(send=send)))

    @property
    def unanswered(self) -> int:
        """The number of messages that are not stored yet, as far as the client knows."""
        return len(self._waits)

    def close(self) -> None:
        """Leave."""
        self._socket.write(END)
        self._socket.close()


class Crowd:
    """Good clients that send in turn, at a fixed rate."""

    def __init__(self, clients: list[Good], rate: float) -> None:
        self.clients = clients
        self._rate = rate

    async def talk(self) -> None:
        """Send until cancelled. A late message counts from the time at which it was due."""
        start, count = time.monotonic(), 0
        while True:
            due = start + count / self._rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.clients[count % len(self.clients)].say(due)
            count += 1

    async def p99(self, seconds: float) -> float:
        """Chat for some seconds; return the 99th percentile of the latencies, in seconds.

        It is infinite if this process did not run: no message was due.
        """
        begin = time.monotonic()
        await asyncio.sleep(seconds)
        end = time.monotonic()
        await eventually(lambda: not any(each.unanswered > 1 for each in self.clients))
        times = sorted(
            took for each in self.clients for due, took in each.latencies if begin <= due < end
        )
        return times[int(len(times) * 0.99)] if times else inf

    @property
    def stored(self) -> int:
        """The number of messages that are stored, as far as their authors know."""
        return len(self.sent) - sum(each.unanswered for each in self.clients)

    @property
    def sent(self) -> set[str]:
        """The request ids of all messages."""
        return {text for each in self.clients for text in each.sent}


@asynccontextmanager
async def crowd(
    port: int,
    count: int,
    rate: float = PER_SECOND,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Crowd]:
    """Connect good clients, and let them chat; at the end every message has reached all of them.

    `rate` is in messages a second, of all of them together. `clock` is that of the latencies.
    """
    loop = asyncio.get_running_loop()
    clients = []
    for number in range(count):
        _, client = await loop.create_connection(partial(Good, number, clock), "127.0.0.1", port)
        clients.append(client)
    await eventually(lambda: all(each.welcomed for each in clients))
    found = Crowd(clients, rate)
    talking = asyncio.create_task(found.talk())
    try:
        yield found
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await eventually(lambda: not any(each.unanswered for each in clients))
        await eventually(lambda: all(each.seen == found.sent for each in clients))
    finally:
        talking.cancel()
        for each in clients:
            each.close()
