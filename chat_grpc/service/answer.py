"""What a unary call waits for: the log's answer to what it asked."""

from __future__ import annotations

import asyncio

from chat_grpc.core.entry import Entry
from chat_grpc.core.errors import ChatError
from chat_grpc.v1 import chat_pb2


class Answer:
    """Waits for the log's answer to one call. Belongs to the event loop."""

    def __init__(self) -> None:
        self.future: asyncio.Future[chat_pb2.SendToResponse] = (
            asyncio.get_running_loop().create_future()
        )
        """The answer to `SendTo`; other calls look only at whether it was refused."""

    def stored(self, entry: Entry, recipient_stream_count: int) -> None:
        """Is told that the entry is in the log, or that all was as asked already."""
        if self.future.done():
            return
        response = chat_pb2.SendToResponse(
            sequence=entry.sequence,
            duplicate=entry.duplicate,
            recipient_stream_count=recipient_stream_count,
        )
        response.time.FromNanoseconds(entry.time)
        self.future.set_result(response)

    def refused(self, error: ChatError) -> None:
        """Is told that the entry is not in the log."""
        if not self.future.done():
            self.future.set_exception(error)
