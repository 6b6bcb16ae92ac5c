"""Kicks, bans and mutes: the requests, their effects, and the errors of those whom they concern.

A request is decided when it is applied, in log order. A ban or a mute ends by the time of the log's
entries in the tables, and by the clock for calls: no entry is written at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chat_grpc.core.clock import SECOND
from chat_grpc.core.errors import Banned, Kicked, Muted
from chat_grpc.core.networks import NetworkMap

EVERYWHERE = ""
"""The channel of a mute that is not for one room."""


@dataclass(frozen=True, slots=True)
class Kick:
    """All streams of a user end."""

    user: int
    reason: str


@dataclass(frozen=True, slots=True)
class AddBan:
    """A user or a network is banned, in place of an earlier ban of the same one."""

    user: int
    """The user's number; 0 for a network."""
    network: str
    """In CIDR notation; empty for a user."""
    nanoseconds: int
    """The duration; 0 for a ban without an end."""
    reason: str


@dataclass(frozen=True, slots=True)
class EndBan:
    """A ban ends."""

    ban: int
    """Its id: the sequence of the entry that created it."""


@dataclass(frozen=True, slots=True)
class SetMute:
    """A user may not write, in one room or everywhere."""

    user: int
    channel: str
    """The channel of the room, or `EVERYWHERE`."""
    nanoseconds: int
    """The duration; 0 removes the mute."""
    reason: str = ""


ModerationRequest = Kick | AddBan | EndBan | SetMute


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban of a user or a network. Times are in seconds since 1970."""

    ban_id: int
    user: int
    network: str
    expire_time: int
    """0 if it does not end."""
    reason: str

    def active(self, now: float) -> bool:
        """Return whether it is in force."""
        return not self.expire_time or now < self.expire_time

    def error(self, now: float) -> Banned:
        """Return the error of the callers that it concerns."""
        metadata = {"ban_reason": self.reason} if self.reason else {}
        until, wait = "", None
        if self.expire_time:
            until, wait = f" until {moment(self.expire_time)}", self.expire_time - now
            metadata["expire_time"] = _rfc3339(self.expire_time)
        what = "You are" if self.user else "Your network is"
        why = f": {self.reason}" if self.reason else ""
        return Banned(f"{what} banned{until}{why}.", metadata=metadata, retry_after=wait)


@dataclass(frozen=True, slots=True)
class Unbanned:
    """The end of a ban before its time."""

    ban_id: int


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute of a user; `expire_time`, in seconds since 1970, is 0 for one that was removed."""

    user: int
    channel: str
    expire_time: int
    reason: str = ""

    def error(self, now: float) -> Muted:
        """Return the error of the user who writes; `now` is in seconds since 1970."""
        where = "everywhere" if self.channel == EVERYWHERE else f"in {self.channel}"
        why = f": {self.reason}" if self.reason else ""
        metadata = {"expire_time": _rfc3339(self.expire_time)}
        if self.channel != EVERYWHERE:
            metadata["room"] = self.channel[1:]
        if self.reason:
            metadata["mute_reason"] = self.reason
        return Muted(
            f"You are muted {where} until {moment(self.expire_time)}{why}.",
            metadata=metadata,
            retry_after=self.expire_time - now,
        )


@dataclass(frozen=True, slots=True)
class Kicking:
    """The end of all streams of a user."""

    user: int
    reason: str


Moderated = Ban | Unbanned | Mute | Kicking


class Moderation:
    """The bans and mutes, as the newest delivered entry left them. Belongs to the event loop."""

    def __init__(self, bans: Iterable[Ban] = (), mutes: Iterable[Mute] = ()) -> None:
        """`bans` and `mutes` are those at the head of the log."""
        self._bans: dict[int, Ban] = {}
        """By id."""
        self._users: dict[int, Ban] = {}
        """By the user's number."""
        self._networks: NetworkMap[Ban] = NetworkMap()
        self._mutes: dict[str, dict[int, Mute]] = {}
        """By the channel and the user's number."""
        for ban in bans:
            self._add(ban)
        for mute in mutes:
            self._mutes.setdefault(mute.channel, {})[mute.user] = mute

    def check_ban(self, user: int, address: str, seconds: Callable[[], float]) -> None:
        """Raise `Banned` for a user, 0 for none, or an address.

        `seconds` returns the seconds since 1970; it is asked only if there are bans.
        """
        if not self._bans:
            return
        now = seconds()
        bans = [self._users[user]] if user in self._users else []
        for ban in (*bans, *self._networks.containing(address)):
            if ban.active(now):
                raise ban.error(now)

    def check_mute(self, user: int, channel: str, now: float) -> None:
        """Raise `Muted` if a user may not write to a channel. `now` is in seconds since 1970."""
        if self._mutes:
            for each in (EVERYWHERE, channel):
                mute = self._mutes.get(each, {}).get(user)
                if mute is not None and mute.expire_time > now:
                    raise mute.error(now)

    def apply(self, changed: Moderated, now: float) -> None:
        """Apply a change that was stored.

        A change of a ban forgets those that have ended, a change of a mute those in its channel.
        """
        match changed:
            case Ban():
                self._forget_ended_bans(now)
                self._add(changed)
            case Unbanned(ban_id):
                if ban_id in self._bans:
                    self._remove(self._bans[ban_id])
                self._forget_ended_bans(now)
            case Mute(user, channel):
                muted = self._mutes.pop(channel, {}) | {user: changed}
                kept = {number: each for number, each in muted.items() if each.expire_time > now}
                if kept:
                    self._mutes[channel] = kept

    def forget_room(self, channel: str) -> None:
        """Forget the mutes of a room that was deleted."""
        self._mutes.pop(channel, None)

    def _forget_ended_bans(self, now: float) -> None:
        for ban in [ban for ban in self._bans.values() if not ban.active(now)]:
            self._remove(ban)

    def _add(self, ban: Ban) -> None:
        earlier = self._users.get(ban.user) if ban.user else self._networks.get(ban.network)
        if earlier is not None:
            self._remove(earlier)
        self._bans[ban.ban_id] = ban
        if ban.user:
            self._users[ban.user] = ban
        else:
            self._networks.put(ban.network, ban)

    def _remove(self, ban: Ban) -> None:
        del self._bans[ban.ban_id]
        if ban.user:
            del self._users[ban.user]
        else:
            self._networks.remove(ban.network)


def end_after(time: int, nanoseconds: int) -> int:
    """Return the end of a duration, in seconds since 1970, rounded up; `time` in nanoseconds."""
    return -(-(time + nanoseconds) // SECOND)


def kicked(reason: str) -> Kicked:
    """Return the error with which the streams of a kicked user end."""
    why = f": {reason}" if reason else ""
    metadata = {"kick_reason": reason} if reason else {}
    return Kicked(f"You were kicked{why}. You may connect again.", metadata=metadata)


def moment(seconds: int) -> str:
    """Return a time for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
