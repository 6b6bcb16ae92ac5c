"""The chat server of an ordinary grpcio tutorial: each stream holds a thread of the pool.

Each client has a queue and a thread that reads its requests; each message is a response.
"""

from __future__ import annotations

import queue
import sys
import threading
from concurrent import futures

import grpc
from wire import METHOD, decode, encode, handlers


class Chat:
    """The clients by name."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clients: dict[bytes, queue.Queue] = {}

    def stream(self, requests, context):
        """Serve one client."""
        name = decode(next(requests))[3]
        mine = queue.Queue()
        with self.lock:
            self.clients[name] = mine

        def read():
            try:
                for request in requests:
                    message = decode(request)
                    out = encode(message[1], name)
                    with self.lock:
                        to = message.get(2)
                        targets = [self.clients[to]] if to in self.clients else []
                        if to is None:
                            targets = list(self.clients.values())
                    for target in targets:
                        target.put(out)
            except grpc.RpcError:
                return  # the client left
            finally:
                with self.lock:
                    self.clients.pop(name, None)
                mine.put(None)

        threading.Thread(target=read, daemon=True).start()
        while (out := mine.get()) is not None:
            yield out


if __name__ == "__main__":
    # Tutorials set max_workers=10, which limits a server to 10 clients.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4200))
    server.add_generic_rpc_handlers((handlers(Chat().stream),))
    server.add_insecure_port(sys.argv[1])
    server.start()
    print(METHOD, flush=True)
    server.wait_for_termination()
