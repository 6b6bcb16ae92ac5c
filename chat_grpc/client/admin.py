"""The methods about moderation, and the audit log."""

from __future__ import annotations

from chat_grpc.client.caller import Caller
from chat_grpc.client.unary import Pages
from chat_grpc.v1 import admin_pb2

_A_PAGE = 100


class AdminCalls:
    """The methods of `AdminService` about moderation. They need the admin role.

    Each raises `Refused` or `Unreachable`; the reasons below are those of `Refused`. None is
    retried after it may have reached the server.
    """

    _caller: Caller

    def audit_events(self, *, limit: int | None = None) -> Pages[admin_pb2.AuditEvent]:
        """Iterate over the actions of admins, the newest first. At most `limit`; None for all."""

        async def fetch(token: str, size: int) -> tuple[list[admin_pb2.AuditEvent], str]:
            request = admin_pb2.ListAuditEventsRequest(page_size=size, page_token=token)
            page = await self._caller.admin("ListAuditEvents", request)
            return list(page.events), page.next_page_token

        return Pages(fetch, _A_PAGE, limit)
