"""The methods of `AdminService` about the operation of a server."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chat_grpc.client.caller import Caller
from chat_grpc.client.requests import sequence_of, unicode_only
from chat_grpc.v1 import admin_pb2


class OperationCalls:
    """The operation of a server, for admins.

    Each raises `Refused` or `Unreachable`; the reasons below are those of `Refused`.
    """

    _caller: Caller

    async def server_status(self) -> admin_pb2.GetServerStatusResponse:
        """Return the state of the server."""
        request = admin_pb2.GetServerStatusRequest()
        status: admin_pb2.GetServerStatusResponse = await self._caller.admin(
            "GetServerStatus", request
        )
        return status

    async def streams(
        self,
        order: admin_pb2.StreamOrder.ValueType = admin_pb2.STREAM_ORDER_OLDEST,
        *,
        limit: int = 100,
        containing: str = "",
        skip: int = 0,
    ) -> admin_pb2.ListStreamsResponse:
        """List at most `limit` open streams in an order, without the first `skip`.

        `containing` selects those with a text in the name, the address or the program, or of the
        user with this number.
        """
        with unicode_only():
            request = admin_pb2.ListStreamsRequest(
                order=order, page_size=limit, filter=containing, skip=skip
            )
        found: admin_pb2.ListStreamsResponse = await self._caller.admin("ListStreams", request)
        return found

    async def explain(self, sequence: int) -> admin_pb2.ExplainMessageResponse:
        """Return the state of a message on each open stream. `MESSAGE_NOT_FOUND`."""
        request = admin_pb2.ExplainMessageRequest(sequence=sequence_of(sequence))
        told: admin_pb2.ExplainMessageResponse = await self._caller.admin("ExplainMessage", request)
        return told

    async def drain(self, seconds: float = 10.0) -> int:
        """Begin to end the server, over some seconds; return the number of open streams."""
        request = admin_pb2.DrainRequest()
        request.duration.FromMilliseconds(round(seconds * 1000))
        answer: admin_pb2.DrainResponse = await self._caller.admin("Drain", request)
        return answer.stream_count

    def backup(self) -> AsyncGenerator[admin_pb2.BackupResponse, None]:
        """Iterate over the chunks of a copy of the store; close it to end early.

        `BACKUP_RUNNING`, `STORAGE_FULL`. A copy is complete if it has `total_bytes` bytes.
        """
        return self._caller.admin_stream("Backup", admin_pb2.BackupRequest())
