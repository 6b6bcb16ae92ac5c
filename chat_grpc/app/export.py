"""`ExportData`: everything that the server keeps of its caller, as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import TooManyQueries
from chat_grpc.core.hub import Hub
from chat_grpc.core.rooms import Room
from chat_grpc.core.stream import FOREVER
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.v1 import account_pb2, chat_pb2

FORMAT = 1
"""The version of the format; docs/privacy.md describes it."""

_RESPONSE_BYTES = 64 * 1024
"""About the size of a response."""

_PAGE = 100

Record = dict[str, Any]


class ExportMethods:
    """Exports the data of callers. Belongs to the event loop.

    The next page is read when the last response was written: so a caller who reads slowly takes no
    more memory.
    """

    def __init__(self, hub: Hub, journal: Journal) -> None:
        self._hub = hub
        self._journal = journal
        self._running: set[int] = set()
        """The users with a running export."""

    async def export_data(
        self, _: account_pb2.ExportDataRequest, caller: Caller
    ) -> AsyncGenerator[account_pb2.ExportDataResponse, None]:
        """Yield the records of the caller. Raises `TooManyQueries` if an export is running."""
        user = caller.user
        if user.number in self._running:
            raise TooManyQueries("An export of your data is running; wait for its end.")
        self._running.add(user.number)
        try:
            lines: list[str] = []
            size = count = 0
            async for record in self._records(user):
                line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                lines.append(line)
                size += len(line)
                count += 1
                if size >= _RESPONSE_BYTES:
                    yield account_pb2.ExportDataResponse(records=lines)
                    lines, size = [], 0
            lines.append(json.dumps({"record": "end", "records": count}, separators=(",", ":")))
            yield account_pb2.ExportDataResponse(records=lines)
        finally:
            self._running.discard(user.number)

    async def _records(self, user: User) -> AsyncIterator[Record]:
        yield {
            "record": "account",
            "format": FORMAT,
            "time": _time(self._hub.clock.nanoseconds() // 1_000_000_000),
            "log_id": self._journal.log_id,
            "number": user.number,
            "name": user.name,
            "guest": user.guest,
            "admin": self._hub.accounts.is_admin(user.number),
        }
        if (known := await self._journal.accounts.at_issuer(user.number)) is not None:
            yield {"record": "issuer", "issuer": known[0], "subject": known[1]}
        for records in (self._tokens, self._rooms, self._people, self._markers, self._messages):
            async for record in records(user):
                yield record

    async def _tokens(self, user: User) -> AsyncIterator[Record]:
        before, now = FOREVER, int(self._hub.clock.seconds())
        while found := await self._journal.accounts.tokens(user, before, _PAGE, now):
            for token in found:
                yield {
                    "record": "token",
                    "token_id": str(token.token_id),
                    "label": token.label,
                    "bot": token.bot,
                    "create_time": _time(token.create_time),
                    "last_use_time": _time(token.use_time),
                }
            before = found[-1].token_id

    async def _rooms(self, user: User) -> AsyncIterator[Record]:
        for room in self._hub.rooms.of(user.number):
            yield {
                "record": "room",
                "name": room.name,
                "topic": room.topic,
                "invite_only": room.invite_only,
                "role": _role(room, user),
            }
        for name in await self._journal.exports.invitations(user):
            yield {"record": "invitation", "room": name}

    async def _people(self, user: User) -> AsyncIterator[Record]:
        blocked = self._hub.blocks.of(user.number)
        for at in range(0, len(blocked), _PAGE):
            for other in await self._journal.users_named((), blocked[at : at + _PAGE]):
                yield {"record": "block", "user": _person(other.number, other.name)}

    async def _markers(self, user: User) -> AsyncIterator[Record]:
        after = ""
        while found := await self._journal.exports.markers(user, after, _PAGE):
            for conversation, sequence in found:
                yield {
                    "record": "read_marker",
                    **_conversation(conversation),
                    "read_sequence": sequence,
                }
            after = found[-1][0]

    async def _messages(self, user: User) -> AsyncIterator[Record]:
        """Yield the messages and the reactions of a user, in the order of the log."""
        after, head = 0, self._hub.head
        while after < head:
            page = await self._journal.exports.written(user, after, head)
            for stored in page.messages:
                yield _message(stored)
            for sequence, emoji in page.reactions:
                yield {"record": "reaction", "message": sequence, "emoji": emoji}
            after = page.last


def _conversation(key: str) -> Record:
    """Return the field that names a conversation: a room, or the number of a user."""
    return {"room": key[1:]} if key[0] == "#" else {"user": {"number": int(key[1:])}}


def _message(stored: chat_pb2.StoredMessage) -> Record:
    message = stored.message
    record: Record = {
        "record": "message",
        "sequence": stored.sequence,
        "time": _moment(stored.time),
    }
    if message.HasField("user"):
        record["user"] = _person(message.user.number, message.user.name)
    else:
        record["room"] = message.room
    if stored.deleted:
        return record | {"deleted": True}
    record["text"] = message.text
    if stored.HasField("edit_time"):
        record["edit_time"] = _moment(stored.edit_time)
    if message.reply_to:
        record["reply_to"] = message.reply_to
    return record


def _role(room: Room, user: User) -> str:
    name = chat_pb2.RoomRole.Name(chat_pb2.RoomRole.ValueType(room.role(user.number)))
    return name.removeprefix("ROOM_ROLE_").lower()


def _person(number: int, name: str) -> Record:
    return {"number": number, "name": name}


def _time(seconds: int) -> str:
    return Timestamp(seconds=seconds).ToJsonString()


def _moment(time: Timestamp) -> str:
    return time.ToJsonString()
