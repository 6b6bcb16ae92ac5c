"""The methods about moderation, and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chat_grpc.client.arguments import User, user_of
from chat_grpc.client.caller import Caller
from chat_grpc.client.requests import unicode_only
from chat_grpc.client.unary import Pages
from chat_grpc.spelling.names import same_name
from chat_grpc.v1 import admin_pb2

_A_PAGE = 100


class AdminCalls:
    """The methods of `AdminService` about moderation. They need the admin role.

    Each raises `Refused` or `Unreachable`; the reasons below are those of `Refused`. None is
    retried after it may have reached the server.
    """

    _caller: Caller

    # ------------------------------------------------------------- moderation

    async def kick(self, user: User, reason: str = "") -> int:
        """End all streams of a user, by name or number; return how many.

        The user may connect again. `reason` is shown to the user. `USER_NOT_FOUND`,
        `CLIENT_NOT_FOUND`, `FIELD_INVALID`, `NOT_ALLOWED` for the caller.
        """
        with unicode_only():
            request = admin_pb2.KickRequest(user=str(user_of(user)), reason=reason)
        answer: admin_pb2.KickResponse = await self._caller.admin("Kick", request)
        return answer.stream_count

    async def ban(
        self, user: User, reason: str = "", *, seconds: float | None = None
    ) -> admin_pb2.Ban:
        """Ban a user, by name or number, for some seconds; None bans without an end.

        The streams of the user end, and calls are refused with `BANNED`. `reason` is shown to the
        user. `USER_NOT_FOUND`, `CLIENT_NOT_FOUND`, `FIELD_INVALID`, `NOT_ALLOWED` for the caller.
        """
        with unicode_only():
            request = admin_pb2.BanRequest(user=str(user_of(user)), reason=reason)
        return await self._ban(request, seconds)

    async def ban_network(
        self, network: str, reason: str = "", *, seconds: float | None = None
    ) -> admin_pb2.Ban:
        """Ban an address or a network in CIDR notation, as `ban` does.

        An IPv6 address stands for its /64 network. `FIELD_INVALID`; `NOT_ALLOWED` if the caller's
        address is in the network.
        """
        with unicode_only():
            request = admin_pb2.BanRequest(network=network, reason=reason)
        return await self._ban(request, seconds)

    async def _ban(self, request: admin_pb2.BanRequest, seconds: float | None) -> admin_pb2.Ban:
        if seconds is not None:
            request.duration.FromMilliseconds(round(seconds * 1000))
        answer: admin_pb2.BanResponse = await self._caller.admin("Ban", request)
        return answer.ban

    async def unban(self, ban_id: str) -> None:
        """Remove a ban. `BAN_NOT_FOUND`."""
        with unicode_only():
            request = admin_pb2.UnbanRequest(ban_id=ban_id)
        await self._caller.admin("Unban", request)

    async def find_ban(self, what: str) -> str:
        """Return the id of the ban of a network, or of a user by name or number.

        Returns `what` itself if it is the id of a ban, or if there is no ban of it.
        """
        found = what
        async for ban in self.bans():
            if ban.ban_id == what:
                return what
            if found == what and _concerns(ban, what):
                found = ban.ban_id
        return found

    def bans(self, *, limit: int | None = None) -> Pages[admin_pb2.Ban]:
        """Iterate over the bans in force, the newest first. At most `limit`; None for all."""
        ask = partial(self._caller.admin, "ListBans")
        return Pages(ask, admin_pb2.ListBansRequest(), "bans", _A_PAGE, limit)

    async def mute(self, user: User, *, seconds: float, room: str = "", reason: str = "") -> None:
        """Mute a user, by name or number, in a room or everywhere.

        What the user writes is refused with `MUTED`. Moderators of a room may do this there without
        the admin role. `USER_NOT_FOUND`, `CLIENT_NOT_FOUND`, `ROOM_NOT_FOUND`, `NOT_A_MEMBER`,
        `NOT_ALLOWED`, `FIELD_INVALID`.
        """
        with unicode_only():
            request = admin_pb2.MuteRequest(
                user=str(user_of(user)), room=room.removeprefix("#"), reason=reason
            )
        request.duration.FromMilliseconds(round(seconds * 1000))
        await self._caller.admin("Mute", request)

    async def unmute(self, user: User, *, room: str = "") -> None:
        """Remove a mute in a room, or the one everywhere; see `mute`."""
        await self.mute(user, seconds=0, room=room)

    def mutes(self, *, room: str = "", limit: int | None = None) -> Pages[admin_pb2.Mute]:
        """Iterate over the mutes in force, the newest first. At most `limit`; None for all.

        With `room` only those of the room, which moderators of the room may list without the admin
        role. `ROOM_NOT_FOUND`, `NOT_A_MEMBER`, `NOT_ALLOWED`.
        """
        ask = partial(self._caller.admin, "ListMutes")
        with unicode_only():
            request = admin_pb2.ListMutesRequest(room=room.removeprefix("#"))
        return Pages(ask, request, "mutes", _A_PAGE, limit)

    # ------------------------------------------------------------- the audit log

    def audit_events(
        self, *, limit: int | None = None, containing: str = "", methods: Sequence[str] = ()
    ) -> Pages[admin_pb2.AuditEvent]:
        """Iterate over the actions of admins, the newest first. At most `limit`; None for all.

        `containing` selects those with a text in one of their values, and `methods` those of some
        methods, for example `Kick`.
        """
        ask = partial(self._caller.admin, "ListAuditEvents")
        with unicode_only():
            request = admin_pb2.ListAuditEventsRequest(filter=containing, methods=methods)
        return Pages(ask, request, "events", _A_PAGE, limit)


def _concerns(ban: admin_pb2.Ban, what: str) -> bool:
    """Return whether a ban is that of a network, or of a user by name or number."""
    if ban.network:
        return what in (ban.network, ban.network.partition("/")[0])
    return what == str(ban.user_number) or same_name(ban.user, what)
