"""The same tutorial on grpc.aio: a queue and a writing task for each client."""

from __future__ import annotations

import asyncio
import sys

import grpc
from wire import decode, encode, handlers


class Chat:
    """The clients by name."""

    def __init__(self) -> None:
        self.clients: dict[bytes, asyncio.Queue] = {}

    async def stream(self, requests, context):
        """Serve one client."""
        name = decode(await anext(requests.__aiter__()))[3]
        mine = self.clients[name] = asyncio.Queue()

        async def write():
            while True:
                await context.write(await mine.get())

        writer = asyncio.create_task(write())
        try:
            async for request in requests:
                message = decode(request)
                out = encode(message[1], name)
                if 2 in message:
                    if message[2] in self.clients:
                        self.clients[message[2]].put_nowait(out)
                else:
                    for each in self.clients.values():
                        each.put_nowait(out)
        finally:
            writer.cancel()
            self.clients.pop(name, None)


async def main():
    """Run the server."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers(Chat().stream),))
    server.add_insecure_port(sys.argv[1])
    await server.start()
    await server.wait_for_termination()


asyncio.run(main())
