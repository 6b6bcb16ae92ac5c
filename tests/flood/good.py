"""Good clients that chat in the lobby, on bare HTTP/2: what they measure is the server's time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf

from support import LOBBY, eventually
from wire import CALL, END, START, call_headers, grpc_message

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import frame
from chat_grpc.v1 import chat_pb2

ID = re.compile(rb"good-\d+-\d+;")
"""The request id of each message, which is also its text."""

PER_SECOND = 60.0
"""Messages a second of all good clients together."""


class Good(asyncio.Protocol):
    """One client that keeps everything that it receives. It reads at once, so no window closes."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.sent: list[str] = []
        self.received = bytearray()
        self.lost = False
        """True if the connection ended before its client closed it."""
        self.latencies: list[tuple[float, float]] = []
        """When each message was due, and the seconds until the server stored it."""
        self._waits: dict[bytes, float] = {}
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
        """Note the answers to own messages."""
        searched = max(0, len(self.received) - 32)
        self.received += data
        for request_id, due in list(self._waits.items()):
            if self.received.find(request_id, searched) >= 0:
                self.latencies.append((due, time.monotonic() - due))
                del self._waits[request_id]

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
        self._waits[text.encode()] = due
        send = chat_pb2.Send(target=LOBBY, text=text, request_id=text)
        self._socket.write(self._request(chat_pb2.ConnectRequest(send=send)))

    @property
    def welcomed(self) -> bool:
        """True once the stream is open: `welcome` has the client's name."""
        return f"good{self.number}".encode() in self.received

    @property
    def unanswered(self) -> int:
        """The number of messages that are not stored yet, as far as the client knows."""
        return len(self._waits)

    @property
    def seen(self) -> set[str]:
        """The texts that the client received."""
        return {found.decode() for found in ID.findall(self.received)}

    def close(self) -> None:
        """Leave."""
        self._socket.write(END)
        self._socket.close()


class Crowd:
    """Good clients that send in turn, at a fixed rate."""

    def __init__(self, clients: list[Good]) -> None:
        self.clients = clients

    async def talk(self) -> None:
        """Send until cancelled. A late message counts from the time at which it was due."""
        start, count = time.monotonic(), 0
        while True:
            due = start + count / PER_SECOND
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
    def sent(self) -> set[str]:
        """The request ids of all messages."""
        return {text for each in self.clients for text in each.sent}


@asynccontextmanager
async def crowd(port: int, count: int) -> AsyncIterator[Crowd]:
    """Connect good clients, and let them chat; at the end every message has reached all of them."""
    loop = asyncio.get_running_loop()
    clients = [Good(number) for number in range(count)]
    for each in clients:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]
    await eventually(lambda: all(each.welcomed for each in clients))
    found = Crowd(clients)
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
