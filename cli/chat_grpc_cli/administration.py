"""The work of the commands for the administration of a server."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat_grpc.client import ChatCalls
from chat_grpc.v1 import admin_pb2
from chat_grpc_cli.periods import period_words
from chat_grpc_cli.quantities import counted
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.scripting import print_json
from chat_grpc_cli.signing_in import local, print_rows
from chat_grpc_cli.standard_streams import print_line
from chat_grpc_cli.users import Work

_PERIODS = re.compile(r"\b((?:duration|lifetime)=)(\d{1,12})s(?!\S)")


def kick(user: str, reason: str) -> Work:
    """Kick a user."""

    async def work(calls: ChatCalls) -> None:
        count = await calls.kick(user, reason)
        print_line(safe(f"Kicked {user}: {counted(count, 'stream')} ended."))

    return work


def ban(subject: str, seconds: float | None, reason: str, *, as_json: bool) -> Work:
    """Ban a user or a network, and print the ban."""

    async def work(calls: ChatCalls) -> None:
        do = calls.ban_network if is_network(subject) else calls.ban
        made = await do(subject, reason, seconds=seconds)
        _print_bans([made], as_json=as_json)

    return work


def unban(what: str) -> Work:
    """Remove the ban with an id, or that of a user, by name or number, or of a network."""

    async def work(calls: ChatCalls) -> None:
        await calls.unban(await calls.find_ban(what))
        print_line(safe(f"Removed the ban of {what}."))

    return work


def bans(*, as_json: bool) -> Work:
    """Print the bans in force."""

    async def work(calls: ChatCalls) -> None:
        _print_bans(await calls.bans().all(), as_json=as_json)

    return work


def _print_bans(found: Sequence[admin_pb2.Ban], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [
        (
            each.ban_id,
            each.network or f"{safe(each.user)}#{each.user_number}",
            safe(each.author),
            local(each.create_time),
            local(each.expire_time) if each.HasField("expire_time") else "never",
            safe(each.reason) or "-",
        )
        for each in found
    ]
    print_rows([("id", "banned", "author", "created", "ends", "reason"), *rows])


def mute(user: str, room: str, seconds: float, reason: str) -> Work:
    """Mute a user; 0 seconds remove the mute."""

    async def work(calls: ChatCalls) -> None:
        await calls.mute(user, seconds=seconds, room=room, reason=reason)
        where = f" in #{room.removeprefix('#')}" if room else ""
        if seconds:
            print_line(safe(f"Muted {user}{where} for {period_words(round(seconds))}."))
        else:
            print_line(safe(f"Removed the mute of {user}{where}."))

    return work


def mutes(room: str, *, as_json: bool) -> Work:
    """Print the mutes in force, those of a room if one is given."""

    async def work(calls: ChatCalls) -> None:
        found = await calls.mutes(room=room).all()
        if as_json:
            print_json(found)
        else:
            _print_mutes(found)

    return work


def _print_mutes(found: Sequence[admin_pb2.Mute]) -> None:
    rows = [
        (
            f"{safe(each.user.name)}#{each.user.number}",
            f"#{safe(each.room)}" if each.room else "everywhere",
            safe(each.author) or "-",
            local(each.create_time) if each.HasField("create_time") else "-",
            local(each.expire_time),
            safe(each.reason) or "-",
        )
        for each in found
    ]
    print_rows([("muted", "where", "author", "created", "ends", "reason"), *rows])


def is_network(text: str) -> bool:
    """Return whether a subject is an address or a network, and not a name: none has : or /."""
    return ":" in text or "/" in text or (text.count(".") == 3 and text.replace(".", "").isdigit())


def detail_words(detail: str) -> str:
    """Return the detail of an audit event with periods as people write them: `duration=7d`."""
    return _PERIODS.sub(lambda found: found[1] + period_words(int(found[2])), detail)


def audit(limit: int, *, as_json: bool) -> Work:
    """Print the actions of admins."""

    async def work(calls: ChatCalls) -> None:
        found = await calls.audit_events(limit=limit).all()
        if as_json:
            print_json(found)
            return
        rows = [
            (
                local(each.time),
                *(safe(text) or "-" for text in (each.author, each.address, each.method)),
                safe(each.subject) or "-",
                safe(detail_words(each.detail)) or "-",
                safe(each.reason) or "-",
            )
            for each in found
        ]
        header = ("time", "author", "address", "method", "subject", "detail", "reason")
        print_rows([header, *rows])

    return work
