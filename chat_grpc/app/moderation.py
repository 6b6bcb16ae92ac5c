"""`AdminService`: kicks, bans and mutes."""

from __future__ import annotations

from functools import partial

from google.protobuf.duration_pb2 import Duration

from chat_grpc.app.account import id_of
from chat_grpc.app.account_changes import AccountChanges
from chat_grpc.app.identity import Identity
from chat_grpc.app.pages import page_of
from chat_grpc.core import limits
from chat_grpc.core.caller import Caller, Role
from chat_grpc.core.clock import SECOND
from chat_grpc.core.errors import (
    AgainstYourself,
    BanNotFound,
    FieldInvalid,
    NotAllowed,
)
from chat_grpc.core.hub import Hub
from chat_grpc.core.moderation import EVERYWHERE, AddBan, Ban, EndBan, Kick, SetMute
from chat_grpc.core.names import room_key
from chat_grpc.core.networks import Networks, network_to_ban
from chat_grpc.core.room_rules import LOBBY, MODERATOR, channel_of, role_needed
from chat_grpc.core.stream import FOREVER
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.journal.moderation_reads import ListedBan, ListedMute
from chat_grpc.v1 import admin_pb2

_BANS, _MUTES = "bans", "mutes"


class ModerationMethods:
    """Kicks, bans and mutes. Belongs to the event loop.

    The log decides about changes; checks that do not depend on log order run here.
    """

    def __init__(
        self, hub: Hub, journal: Journal, identity: Identity, changes: AccountChanges
    ) -> None:
        self._hub = hub
        self._reads = journal.moderation
        self._identity = identity
        self._changes = changes

    async def kick(self, request: admin_pb2.KickRequest, caller: Caller) -> admin_pb2.KickResponse:
        """End all streams of a user."""
        reason = _reason(request.reason)
        user = await self._subject(request.user, caller)
        settled = await self._changes.administer(caller, Kick(user.number, reason))
        return admin_pb2.KickResponse(stream_count=settled.recipient_stream_count)

    # ------------------------------------------------------------- bans

    async def ban(self, request: admin_pb2.BanRequest, caller: Caller) -> admin_pb2.BanResponse:
        """Ban a user or a network."""
        reason = _reason(request.reason)
        nanoseconds = 0
        if request.HasField("duration"):
            nanoseconds = _nanoseconds(request.duration, least=1)
        name, network, number = "", "", 0
        if request.WhichOneof("subject") == "user":
            user = await self._subject(request.user, caller)
            name, number = user.name, user.number
        elif request.network:
            network = _network(request.network, caller)
        else:
            raise FieldInvalid("A ban needs a user or a network.")
        made = AddBan(number, network, nanoseconds, reason)
        settled = await self._changes.administer(caller, made)
        changed = settled.outcome.account
        assert changed is not None
        ban = changed.moderated
        assert isinstance(ban, Ban)
        created = settled.outcome.time // SECOND
        listed = ListedBan(
            ban.ban_id, name, number, network, caller.name, created, ban.expire_time, reason
        )
        return admin_pb2.BanResponse(
            ban=_ban_message(listed), stream_count=settled.recipient_stream_count
        )

    async def unban(
        self, request: admin_pb2.UnbanRequest, caller: Caller
    ) -> admin_pb2.UnbanResponse:
        """End a ban."""
        ban_id = id_of(request.ban_id)
        if not ban_id:
            raise BanNotFound(
                f"There is no ban {request.ban_id}.", metadata={"ban_id": request.ban_id}
            )
        await self._changes.administer(caller, EndBan(ban_id))
        return admin_pb2.UnbanResponse()

    async def list_bans(
        self, request: admin_pb2.ListBansRequest, _: Caller
    ) -> admin_pb2.ListBansResponse:
        """List the bans in force, the newest first."""
        read = partial(self._reads.bans, now=int(self._hub.clock.seconds()))
        page, token = await page_of(_BANS, request, read, lambda ban: ban.ban_id, first=FOREVER)
        return admin_pb2.ListBansResponse(bans=map(_ban_message, page), next_page_token=token)

    # ------------------------------------------------------------- mutes

    async def mute(self, request: admin_pb2.MuteRequest, caller: Caller) -> admin_pb2.MuteResponse:
        """Mute a user in a room or everywhere, or remove a mute."""
        reason = _reason(request.reason)
        if not request.HasField("duration"):
            raise FieldInvalid("A mute needs a duration; 0 removes a mute.")
        nanoseconds = _nanoseconds(request.duration, least=0)
        channel = self._mute_channel(request.room, caller)
        user = await self._subject(request.user, caller, channel)
        await self._changes.administer(caller, SetMute(user.number, channel, nanoseconds, reason))
        return admin_pb2.MuteResponse()

    async def list_mutes(
        self, request: admin_pb2.ListMutesRequest, caller: Caller
    ) -> admin_pb2.ListMutesResponse:
        """List the mutes in force of a room, or all of them, the newest first."""
        read = partial(
            self._reads.mutes,
            now=int(self._hub.clock.seconds()),
            channel=self._channel_to_list(request.room, caller),
            caller=caller.number,
        )
        page, token = await page_of(_MUTES, request, read, lambda mute: mute.event, first=FOREVER)
        return admin_pb2.ListMutesResponse(mutes=map(_mute_message, page), next_page_token=token)

    def _channel_to_list(self, room: str, caller: Caller) -> str | None:
        """Return the channel whose mutes a caller lists, None for all.

        Raises what `_mute_channel` raises, and `NotAllowed` for a member who is no moderator.
        """
        admin = Role.ADMIN in caller.roles
        if admin and not room:
            return None
        channel = self._mute_channel(room, caller)
        if not admin and self._hub.rooms.role(channel[1:], caller.number) < MODERATOR:
            raise role_needed(MODERATOR)
        return channel

    def _mute_channel(self, name: str, caller: Caller) -> str:
        """Return the channel of a mute.

        Raises `RoomNotFound`, `NotAMember` or `NotAllowed`: a caller who may not know the room gets
        the error of a room that does not exist.
        """
        key = room_key(name) if name else ""
        if Role.ADMIN in caller.roles:
            if key not in ("", LOBBY):
                self._hub.rooms.existing(key)
        elif key in ("", LOBBY):
            raise NotAllowed("This needs the admin role; moderators may do this in their rooms.")
        else:
            self._hub.rooms.for_member(key, caller.number)
        return channel_of(key) if key else EVERYWHERE

    # ------------------------------------------------------------- the users concerned

    async def _subject(self, text: str, caller: Caller, channel: str = EVERYWHERE) -> User:
        """Find a user by name or number; in a room a member first.

        Raises `UserNotFound`, `ClientNotFound`, or `AgainstYourself`.
        """
        if text.isascii() and text.isdigit() and len(text) < 10:
            user = await self._identity.numbered(int(text))
        else:
            user = await self._identity.named(text)
            if channel not in (EVERYWHERE, channel_of(LOBBY)):
                # The member may be away while another user has the name.
                user = self._hub.rooms.existing(channel[1:]).by_key(user.key, user) or user
        if user.number == caller.number:
            raise AgainstYourself("This is your own user; name another one.")
        return user


def _reason(text: str) -> str:
    """Check the reason of a kick, ban or mute. Raises `FieldInvalid`."""
    most = limits.MAX_REASON_LENGTH
    if len(text) > most or not text.isprintable():
        raise FieldInvalid(
            f"reason has at most {most} characters, all of them printable.",
            metadata={"max_reason_length": str(most)},
        )
    return text


def _nanoseconds(duration: Duration, *, least: int) -> int:
    """Return a duration in nanoseconds. Raises `FieldInvalid` for one out of range."""
    if not least <= duration.seconds <= limits.MAX_SANCTION or duration.nanos < 0:
        days = limits.MAX_SANCTION // 86400
        raise FieldInvalid(f"duration must be {least} seconds to {days} days.")
    return duration.seconds * SECOND + duration.nanos


def _network(text: str, caller: Caller) -> str:
    """Return a network to ban.

    Raises `FieldInvalid`, or `AgainstYourself` if the caller's address is in it.
    """
    try:
        network = network_to_ban(text)
    except ValueError:
        shown = text[:50] if text.isprintable() else repr(text[:50])
        raise FieldInvalid(
            f"{shown} is not a network; write for example 192.0.2.0/24 or 2001:db8::/48.",
            metadata={"network": text},
        ) from None
    if caller.peer in Networks((network,)):
        raise AgainstYourself(
            f"Your own address {caller.peer} is in {network}: this would ban yourself."
        )
    return network


def _ban_message(ban: ListedBan) -> admin_pb2.Ban:
    message = admin_pb2.Ban(ban_id=str(ban.ban_id), author=ban.author or "local", reason=ban.reason)
    if ban.network:
        message.network = ban.network
    else:
        message.user = ban.user
        message.user_number = ban.user_number
    message.create_time.FromSeconds(ban.create_time)
    if ban.expire_time:
        message.expire_time.FromSeconds(ban.expire_time)
    return message


def _mute_message(mute: ListedMute) -> admin_pb2.Mute:
    message = admin_pb2.Mute(room=mute.room, reason=mute.reason, by_admin=mute.by_admin)
    message.user.number, message.user.name = mute.user_number, mute.user
    if mute.author is not None:
        message.author = mute.author or "local"
    if mute.create_time:
        message.create_time.FromSeconds(mute.create_time)
    message.expire_time.FromSeconds(mute.expire_time)
    return message
