"""Stream requests: the requests of a client on its stream after `hello`."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import Any

from chat_grpc.app.identity import Identity
from chat_grpc.app.parsing import parse
from chat_grpc.app.status import encode_rejected
from chat_grpc.app.targets import check_reply, resolve, resolve_recipient
from chat_grpc.core.changes import Delete, Edit, React, Read
from chat_grpc.core.emojis import MAX_EMOJI_BYTES, canonical
from chat_grpc.core.entry import DELETED, EDITED, NO_KEY, REACTION, READ, RequestKey
from chat_grpc.core.errors import (
    ChatError,
    FieldInvalid,
    NotAllowed,
    RateLimited,
    RequestIdInvalid,
    message_not_found,
)
from chat_grpc.core.events import encode_sent
from chat_grpc.core.hub import Hub
from chat_grpc.core.intake import check_request_id, check_text, direct_channels
from chat_grpc.core.markers import Markers
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.room_rules import MEMBER, MODERATOR, role_needed
from chat_grpc.core.stream import LOBBY_CHANNEL, Stream
from chat_grpc.core.user import User
from chat_grpc.journal import Journal
from chat_grpc.journal.history import Found
from chat_grpc.v1 import chat_pb2

_PAUSE = 0.005
"""Seconds for which a stream is not read after a request that came too early. Without a pause, a
client that goes on gets thousands of refusals a second, and keeps the event loop busy."""

_WITH_ID = frozenset({"send", "edit", "delete_message", "react"})


class StreamRequests:
    """Carries out the requests of streams. Belongs to the event loop.

    The requests of one stream are carried out one at a time, in their order.
    """

    def __init__(self, hub: Hub, journal: Journal, identity: Identity, mentions: Mentions) -> None:
        self._hub = hub
        self._journal = journal
        self._identity = identity
        self._mentions = mentions
        self.markers = Markers(hub.clock.monotonic)
        """The read markers that are not stored yet."""

    async def take(self, stream: Stream, encoded: bytes) -> None:
        """Carry out one request, or send `rejected`."""
        key = NO_KEY
        request, kind = chat_pb2.ConnectRequest(), None
        try:
            try:
                request = parse(chat_pb2.ConnectRequest, encoded)
                kind = request.WhichOneof("request")
            finally:  # a malformed request counts, too
                self._count(stream, kind, len(encoded))
            if kind in _WITH_ID:
                key = take_key(kind, getattr(request, kind))
                if not key.request_id:
                    raise RequestIdInvalid(
                        "A request on the stream needs a request_id; use a UUID."
                    )
                check_request_id(key.request_id)
            await self._carry_out(kind, stream, request, key)
        except RateLimited as error:
            await self._refuse_rate(stream, request, error)
        except ChatError as error:
            # A request that was carried out is not refused later, even if rights have changed.
            first, time = await self._journal.history.first_answer(stream.user, key)
            if first:
                answer = encode_sent(key.request_id.encode(), first, time, duplicate=True)
            else:
                self._hub.activity.refused(error, stream.caller.peer)
                answer = encode_rejected(key.request_id, error, self._hub.clock.nanoseconds())
            self._hub.tell(stream, answer)

    def _count(self, stream: Stream, kind: str | None, size: int) -> None:
        self._hub.quotas.request(kind, size, stream.user.number, stream.caller.peer)

    async def _refuse_rate(
        self, stream: Stream, request: chat_pb2.ConnectRequest, error: RateLimited
    ) -> None:
        """Refuse a request that came too early; end the stream of a user who insists.

        The next request is read after a pause.
        The log is not asked for an earlier answer: a repeated request gets it after `retry_after`.
        """
        kind = request.WhichOneof("request")
        request_id = getattr(request, kind).request_id if kind in _WITH_ID else ""
        now = self._hub.clock.nanoseconds()
        self._hub.tell(stream, encode_rejected(request_id, error, now))
        insisted = self._hub.quotas.insists(stream.user.number)
        if insisted is not None:
            stream.end(insisted)
        await asyncio.sleep(_PAUSE)

    async def _carry_out(
        self, kind: str | None, stream: Stream, request: chat_pb2.ConnectRequest, key: RequestKey
    ) -> None:
        match kind:
            case "send":
                await self._send(stream, request.send, key)
            case "edit":
                await self._edit(stream, request.edit, key)
            case "delete_message":
                await self._delete(stream, request.delete_message, key)
            case "react":
                await self._react(stream, request.react, key)
            case "mark_read":
                await self._mark_read(stream, request.mark_read)
            case "set_typing":
                await self._set_typing(stream, request.set_typing)
            case "hello":
                raise FieldInvalid("`hello` is only allowed as the first request of a stream.")
            case _:
                raise FieldInvalid("The request is empty, or from a newer version of the contract.")

    async def _send(self, stream: Stream, send: chat_pb2.Send, key: RequestKey) -> None:
        check_text(send.text)
        author = stream.user
        to = await resolve_recipient(self._identity, author, send.target)
        mentioned = await self._mentions.numbers(send.text, author, to)
        await self._may_append(stream)
        if send.reply_to:
            await check_reply(self._hub, self._journal.history, author, to, send.reply_to)
        self._hub.intake.submit(stream, author, to, send.text, send.reply_to, key, mentioned)

    async def _may_append(self, stream: Stream) -> None:
        """Wait until the log has space for a request.

        The user's rights are checked after this, with no further wait before the append.
        """
        await stream.may_submit()
        await self._journal.drained(stream.user.number)

    # ------------------------------------------------------------- existing messages

    async def _edit(self, stream: Stream, edit: chat_pb2.Edit, key: RequestKey) -> None:
        check_text(edit.text)
        await self._may_append(stream)
        author, target = stream.user, edit.target_sequence
        found = await self._found(author, target)
        if found.author != author.number:
            raise NotAllowed("Only the author of a message may edit it.")
        to = await resolve(self._identity, _target_of(found.message))
        mentioned = await self._mentions.numbers(edit.text, author, to)
        self._check_writer(author, found)
        event = chat_pb2.Event()
        event.edited.target_sequence = target
        message = event.edited.message
        message.CopyFrom(found.message)
        message.text = edit.text
        message.mentioned_numbers[:] = self._hub.intake.willing(mentioned, author)
        self._hub.intake.change(
            stream,
            author,
            Edit(target),
            EDITED,
            channels=found.channels,
            event=event,
            target=target,
            key=key,
        )

    async def _delete(
        self, stream: Stream, delete: chat_pb2.DeleteMessage, key: RequestKey
    ) -> None:
        await self._may_append(stream)
        author, target = stream.user, delete.target_sequence
        found = await self._found(author, target)
        if found.author != author.number:
            self._check_role(author, found, MODERATOR)
        event = chat_pb2.Event()
        event.deleted.target_sequence = target
        _name(event.deleted.author, author)
        self._hub.intake.change(
            stream,
            author,
            Delete(target),
            DELETED,
            channels=found.channels,
            event=event,
            target=target,
            key=key,
        )

    async def _react(self, stream: Stream, react: chat_pb2.React, key: RequestKey) -> None:
        emoji = _reaction(react)
        await self._may_append(stream)
        author, target = stream.user, react.target_sequence
        found = await self._found(author, target)
        self._check_writer(author, found)
        event = chat_pb2.Event()
        reaction = event.reaction
        reaction.target_sequence, reaction.emoji, reaction.removed = (
            target,
            emoji,
            react.remove,
        )
        _name(reaction.author, author)
        self._hub.intake.change(
            stream,
            author,
            React(target, emoji, react.remove, self._hub.quotas.quota.reactions_per_message),
            REACTION,
            channels=found.channels,
            event=event,
            target=target,
            key=key,
        )

    async def _found(self, reader: User, sequence: int) -> Found:
        """Return a message that is not deleted and that a user may read.

        Raises `MessageNotFound`.
        """
        found = await self._journal.history.message(sequence) if sequence > 0 else None
        if (
            found is None
            or found.deleted
            or not self._hub.intake.may_read(found.channels, reader, sequence)
        ):
            raise message_not_found(sequence)
        return found

    def _check_writer(self, user: User, found: Found) -> None:
        """Raise `NotAllowed`, `BlockedByUser` or `UserBlocked` if a user may not write there."""
        self._check_role(user, found, MEMBER)
        self._hub.intake.check_direct(user, found.channels)

    def _check_role(self, user: User, found: Found, least: int) -> None:
        """Raise `NotAllowed` if a user has a lower role in the conversation of a message."""
        channel = found.channels[0]
        role: int = MEMBER
        if channel[0] == "#" and channel != LOBBY_CHANNEL:
            role = self._hub.rooms.role(channel[1:], user.number)
        if role < least:
            raise role_needed(least)

    # ------------------------------------------------------------- requests without an answer

    async def _mark_read(self, stream: Stream, mark: chat_pb2.MarkRead) -> None:
        await self._may_append(stream)
        to = await resolve(self._identity, mark.target)
        if not 0 < mark.sequence <= self._hub.head:
            raise FieldInvalid(
                "sequence must be a sequence of the log: 1 to head_sequence.",
                metadata={"head_sequence": str(self._hub.head)},
            )
        reader = stream.user
        event = chat_pb2.Event()
        marker = event.read_marker
        marker.read_sequence = mark.sequence
        _name(marker.author, reader)
        channels: tuple[str, ...] = (f"@{reader.number}",)
        if isinstance(to, User):
            marker.user.number = to.number
            conversation = f"@{to.number}"
            if not self._hub.blocks.between(reader.number, to.number):
                marker.user.name = to.name
                channels = direct_channels(reader, to)
        else:
            conversation = self._hub.intake.readable_room(to, reader)
            marker.room = self._hub.intake.room_name(conversation)
        change = Read(conversation, mark.sequence)
        submit = partial(
            self._hub.intake.change, stream, reader, change, READ, channels=channels, event=event
        )
        self.markers.mark(reader.number, conversation, mark.sequence, submit)

    async def _set_typing(self, stream: Stream, typing: chat_pb2.SetTyping) -> None:
        self._hub.typing(stream, await resolve(self._identity, typing.target))


def take_key(kind: str, asked: Any) -> RequestKey:
    """Return the request id and a hash of the rest. Removes the id from the request."""
    request_id = asked.request_id
    asked.ClearField("request_id")
    content = kind.encode() + asked.SerializeToString(deterministic=True)
    return RequestKey(request_id, hashlib.blake2b(content, digest_size=16).digest())


def _reaction(react: chat_pb2.React) -> str:
    """Return the canonical spelling of a reaction's emoji.

    A reaction of an older store that breaks the present rule can still be removed. Raises
    `FieldInvalid`.
    """
    emoji = canonical(react.emoji)
    if emoji:
        return emoji
    if react.remove and 0 < len(react.emoji.encode()) <= MAX_EMOJI_BYTES:
        return react.emoji
    raise FieldInvalid("A reaction is exactly one emoji, such as 👍.")


def _target_of(message: chat_pb2.Message) -> chat_pb2.Target:
    if message.HasField("user"):
        return chat_pb2.Target(client_number=message.user.number)
    return chat_pb2.Target(room=message.room)


def _name(author: chat_pb2.Author, user: User) -> None:
    author.number, author.name = user.number, user.name
