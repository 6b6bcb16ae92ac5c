"""The hub: who is connected, who may write to whom, and the fan-out of what the log took."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat_grpc.core import limits
from chat_grpc.core.entry import Entry, User
from chat_grpc.core.errors import (
    ChatError,
    FellBehind,
    FieldInvalid,
    MessageNotFound,
    NameTaken,
    Replaced,
    RequestIdInvalid,
    RoomNotFound,
    TextEmpty,
    TextInvalid,
    TextTooLong,
)
from chat_grpc.core.events import message_content, sent_frame, to_room
from chat_grpc.core.names import check_name
from chat_grpc.core.outbox import Outbox
from chat_grpc.core.pacer import Pacer
from chat_grpc.core.presence import Presence
from chat_grpc.core.stream import Client, Stream

LOBBY = "lobby"
LOBBY_TOPIC = "#lobby"

_TO_LOBBY = to_room(LOBBY)
_MENTION = re.compile(r"@([^\s#@:,/\\\"'<>&`]{1,32})")


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from."""

    monotonic: Callable[[], float]
    """Seconds that never go back."""
    nanoseconds: Callable[[], int]
    """Nanoseconds since 1970; may jump."""

    def seconds(self) -> float:
        """Seconds since 1970; may jump."""
        return self.nanoseconds() / 1e9


class Call(Protocol):
    """Who waits for the answer to a message that came without a stream (`SendTo`)."""

    def stored(self, entry: Entry, recipient_stream_count: int) -> None:
        """Is told that the entry is in the log, or was there before."""

    def refused(self, error: ChatError) -> None:
        """Is told that the entry is not in the log."""


class Hub:
    """The chat of one node.

    Belongs to the event loop and needs no locks. Nothing in it blocks or awaits.

    Order: each stream gets stored events by rising sequence, and the answers to its own
    requests in the order of the log. An event is delivered only once the log has it.
    """

    def __init__(
        self,
        *,
        append: Callable[[Entry], None],
        head: int,
        pacer: Pacer,
        presence: Presence,
        refuse: Callable[[str, ChatError], bytes],
        clock: Clock,
    ) -> None:
        """`append` gives an entry to the log and returns at once; `deliver` gets it back.

        `refuse` frames the `rejected` event of a request id and an error.
        """
        self._append = append
        self._refuse = refuse
        self.pacer = pacer
        self.presence = presence
        self.clock = clock
        self.head = head
        """The newest sequence that was delivered."""
        self.streams: dict[Outbox, Stream] = {}
        self.clients: dict[int, Client] = {}
        """By number: those connected, and those whose name is held."""
        self._names: dict[str, Client | None] = {}
        """By name's key, as `clients`; None while a new guest is being stored."""
        self.draining = False
        self.deliveries = 0
        """Stored events handed to streams since the start."""

    # ------------------------------------------------------------------ names

    def claim(self, name: str, key: str) -> None:
        """Takes a name for a guest who is about to be stored; `hold` or `release` must follow.

        Raises `NameTaken`.
        """
        if key in self._names:
            holder = self._names[key]
            wait = None
            if holder is not None and not holder.streams:
                wait = max(1.0, holder.held_until - self.clock.monotonic())
            raise NameTaken(
                f"The name {name} belongs to somebody else at the moment; take another.",
                metadata={"name": name},
                retry_after=wait,
            )
        self._names[key] = None

    def release(self, key: str) -> None:
        """Gives back a name that `claim` took."""
        if self._names.get(key, self) is None:
            del self._names[key]

    def hold(self, user: User) -> Client:
        """Keeps a user's name for `limits.NAME_HOLD` seconds from now, and while streams are open.

        Raises `NameTaken` where another user has the name.
        """
        client = self.clients.get(user.number)
        if client is None:
            if self._names.get(user.key) is not None:
                raise NameTaken(
                    f"The name {user.name} went to somebody else while you were away.",
                    metadata={"name": user.name},
                )
            client = self.clients[user.number] = Client(user)
            self._names[user.key] = client
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        return client

    def by_number(self, number: int) -> User | None:
        """Finds a user who is connected or whose name is held."""
        client = self.clients.get(number)
        return client.user if client is not None else None

    def by_key(self, key: str) -> User | None:
        """Finds a user who is connected or whose name is held, by the name's key."""
        client = self._names.get(key)
        return client.user if client is not None else None

    def connected(self) -> list[Client]:
        """The clients that are connected now, by rising number."""
        return [c for _, c in sorted(self.clients.items()) if c.streams]

    # ---------------------------------------------------------------- streams

    def open(
        self,
        user: User,
        outbox: Outbox,
        *,
        device_id: str,
        agent: str,
        cancel: Callable[[], object],
    ) -> Stream:
        """Opens a stream: from now on it gets what is delivered.

        Another stream of the same device ends with `Replaced`. Raises `NameTaken`.
        """
        client = self.hold(user)
        if device_id:
            for other in client.streams:
                if other.device_id == device_id:
                    other.end(Replaced("The same device opened another stream."))
        now = self.clock.seconds()
        stream = Stream(user, outbox, device_id=device_id, agent=agent, opened=now, cancel=cancel)
        if not client.streams:
            client.connected_since = now
            self.presence.came(client)
        client.streams.append(stream)
        self.streams[outbox] = stream
        return stream

    def close(self, stream: Stream) -> None:
        """Forgets a stream that ended, for whatever reason."""
        stream.outbox.close()
        del self.streams[stream.outbox]
        client = self.clients[stream.user.number]
        client.streams.remove(stream)
        client.held_until = self.clock.monotonic() + limits.NAME_HOLD
        if client.streams:
            client.connected_since = client.streams[0].opened
        else:
            self.presence.went(client)

    def tick(self) -> None:
        """Frees names whose time is over, and tells who came and left."""
        now = self.clock.monotonic()
        free = [c for c in self.clients.values() if not c.streams and c.held_until <= now]
        for client in free:
            del self.clients[client.user.number]
            del self._names[client.user.key]
        changes = self.presence.due(now)
        if not changes or not self.streams:
            return
        if len(changes) * len(self.streams) > limits.PRESENCE_BUDGET:
            self.broadcast(self.presence.some_missing(self.head))
            return
        self.broadcast(b"".join(changes.values()), skip=changes.keys())
        for number in changes:
            others = b"".join(told for other, told in changes.items() if other != number)
            for stream in self.clients[number].streams if others else ():
                self.tell(stream, others)

    def broadcast(self, frames: bytes, skip: Collection[int] = ()) -> None:
        """Sends passing events to every stream but those of the users with these numbers."""
        streams = self.streams
        if skip:
            self._put((o for o, s in streams.items() if s.user.number not in skip), frames)
        else:
            self._put(streams, frames)
        self.pacer.pump()

    def tell(self, stream: Stream, frames: bytes) -> None:
        """Sends events to one stream."""
        self._put((stream.outbox,), frames)
        self.pacer.pump()

    # --------------------------------------------------------------- messages

    def submit(
        self,
        origin: Stream | Call,
        author: User,
        to: User | str,
        text: str,
        request_id: str,
        reply_to: int,
    ) -> None:
        """Sends a message to a user or to a room; the answer comes to `origin`.

        Raises a `ChatError` where it is refused at once.
        """
        encoded = self._check(text, request_id, reply_to)
        if isinstance(to, User):
            topics: tuple[str, ...] = (f"@{author.number}", f"@{to.number}")
            if author.number == to.number:
                topics = topics[:1]
            target = to.addressee
        elif to.lower() == LOBBY:
            topics = (LOBBY_TOPIC,)
            target = _TO_LOBBY
        else:
            raise RoomNotFound(f"There is no room {to}.", metadata={"room": to})
        digest = None
        if request_id:
            content = b"%b\x00%d\x00%b" % (target, reply_to, encoded)
            digest = hashlib.blake2b(content, digest_size=16).digest()
        now = self.clock.nanoseconds()
        mentioned = self._mentioned(text) if "@" in text else ()
        content = message_content(now, author.author, target, encoded, reply_to, mentioned)
        self._append(Entry(author.number, topics, content, now, request_id, digest, origin))
        if isinstance(origin, Stream):
            origin.unanswered += 1

    def _check(self, text: str, request_id: str, reply_to: int) -> bytes:
        if len(request_id) > limits.MAX_REQUEST_ID_LENGTH or not (
            request_id.isascii() and (request_id.isprintable())
        ):
            raise RequestIdInvalid(
                f"A request_id has 1 to {limits.MAX_REQUEST_ID_LENGTH} printable ASCII characters."
            )
        encoded = text.encode()
        if not encoded:
            raise TextEmpty("A message needs a text.")
        if len(encoded) > limits.MAX_TEXT_BYTES:
            raise TextTooLong(
                f"The text has {len(encoded)} bytes, more than {limits.MAX_TEXT_BYTES}.",
                metadata={"max_text_bytes": str(limits.MAX_TEXT_BYTES)},
            )
        if "\x00" in text:
            raise TextInvalid("A text cannot hold the character U+0000.")
        if reply_to < 0:
            raise FieldInvalid("reply_to is a sequence: 1 or more, or 0 for none.")
        if reply_to > self.head:
            raise MessageNotFound(
                f"There is no message {reply_to}.", metadata={"reply_to": str(reply_to)}
            )
        return encoded

    def _mentioned(self, text: str) -> Sequence[int]:
        numbers: dict[int, None] = {}
        for word in _MENTION.findall(text):
            for name in (word, word.rstrip(".!?;)-_")):
                try:
                    user = self.by_key(check_name(name)[1])
                except ChatError:
                    continue
                if user is not None:
                    numbers[user.number] = None
                    break
        return tuple(numbers)

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Fans out what the log took, in its order, and answers the senders.

        The frames of the lobby are joined once, and every stream gets the same bytes. A stream that
        sent one of them, or gets a direct message among them, gets a join of its own, in order.
        """
        lobby: list[bytes] = []
        # For each stream with a join of its own: its parts, and how many lobby frames are in.
        own: dict[Stream, tuple[list[bytes], int]] = {}
        counted: list[tuple[Call, Entry, int]] = []

        def add(stream: Stream, part: bytes, skip: int = 0) -> None:
            parts, done = own.get(stream) or ([], 0)
            parts.extend(lobby[done:])
            if part:
                parts.append(part)
            own[stream] = (parts, len(lobby) + skip)

        for entry in entries:
            origin = entry.origin
            recipients = 0
            if entry.error is None and not entry.duplicate:
                self.head = entry.sequence
                if entry.topics == (LOBBY_TOPIC,):
                    if isinstance(origin, Stream):
                        add(origin, b"", skip=1)
                    lobby.append(entry.frame)
                    recipients = len(self.streams) - isinstance(origin, Stream)
                else:
                    for stream in self._followers(entry.topics):
                        if stream is not origin:
                            add(stream, entry.frame)
                            recipients += 1
            if isinstance(origin, Stream):
                add(origin, self._answer(entry))
                origin.answered()
            else:
                counted.append((origin, entry, recipients))  # type: ignore[arg-type]
        self._fan_out(lobby, own)
        for call, entry, recipients in counted:
            if entry.error is not None:
                call.refused(entry.error)
            else:
                call.stored(entry, recipients)

    def _followers(self, topics: tuple[str, ...]) -> list[Stream]:
        found: list[Stream] = []
        for topic in topics:
            client = self.clients.get(int(topic[1:]))
            if client is not None:
                found.extend(client.streams)
        return found

    def _answer(self, entry: Entry) -> bytes:
        if entry.error is not None:
            return self._refuse(entry.request_id, entry.error)
        return sent_frame(entry.request_id.encode(), entry.sequence, entry.duplicate)

    def _fan_out(self, lobby: list[bytes], own: dict[Stream, tuple[list[bytes], int]]) -> None:
        if lobby:
            plain = (o for o, s in self.streams.items() if s not in own) if own else self.streams
            self._put(plain, b"".join(lobby))
            self.deliveries += len(lobby) * (len(self.streams) - len(own))
        for stream, (parts, done) in own.items():
            parts.extend(lobby[done:])
            if parts:
                self._put((stream.outbox,), b"".join(parts))
                self.deliveries += len(parts)
        self.pacer.pump()

    def _put(self, outboxes: Iterable[Outbox], frames: bytes) -> None:
        for outbox in self.pacer.put(outboxes, frames):
            self.streams[outbox].end(
                FellBehind(
                    "The stream reads more slowly than others write; connect again and resume.",
                    retry_after=1.0,
                )
            )
