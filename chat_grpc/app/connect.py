"""`Connect`: one task for each stream reads its requests. The pacer writes its events."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chat_grpc import __version__
from chat_grpc.app.duplex import CallEnded, Duplex
from chat_grpc.app.first_requests import FirstRequests
from chat_grpc.app.identity import Identity, token_of
from chat_grpc.app.parsing import parse
from chat_grpc.app.session_cookies import in_cookie
from chat_grpc.app.status import duration
from chat_grpc.app.stream_requests import StreamRequests
from chat_grpc.core import limits
from chat_grpc.core.caller import Caller
from chat_grpc.core.errors import (
    ChatError,
    Draining,
    FellBehind,
    FieldInvalid,
    HelloRequired,
    NotSignedIn,
    ServerFull,
)
from chat_grpc.core.events import WELCOME, encode, encode_passing
from chat_grpc.core.hub import Hub
from chat_grpc.core.mentions import Mentions
from chat_grpc.core.networks import network_of
from chat_grpc.core.presence import client_message
from chat_grpc.core.quotas import Quota
from chat_grpc.core.stream import Range, Stream
from chat_grpc.journal import Journal
from chat_grpc.v1 import chat_pb2

_USES_EVERY = 3600.0
"""Seconds between two notes that the tokens of open streams are in use."""

_INCOMPLETE = {
    chat_pb2.RECOVERY_TRUNCATED: "truncated",
    chat_pb2.RECOVERY_OTHER_LOG: "other log",
}
"""The recoveries of a stream that asked for events that it does not get, for the console."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The options of streams."""

    node: str
    """The name of this node."""
    max_streams: int
    """Maximum number of streams of identified users."""
    heartbeat: float
    """A silent stream gets a heartbeat after this many seconds."""


class Connect:
    """Serves the streams of one node. Belongs to the event loop."""

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        identity: Identity,
        mentions: Mentions,
        first_requests: FirstRequests,
        settings: StreamSettings,
    ) -> None:
        self._hub = hub
        self._first_requests = first_requests
        self._journal = journal
        self._identity = identity
        self._settings = settings
        self._requests = StreamRequests(hub, journal, identity, mentions)
        self._note_uses_at = 0.0

    async def serve(self, duplex: Duplex, caller: Caller) -> None:
        """Serve one stream from its `hello` to its end."""
        with self._hub.activity.refusing(caller.peer):
            self._check_capacity()
            hello = _hello(await self._first_requests.read(duplex))
            caller, token = await self._identify(hello, duplex, caller)
            past: list[Range] = []
            if hello.log_id == self._journal.log_id:
                past = await self._journal.history.past(caller.user, hello.resume_after)
            # Checked again: the token may have ended, and other streams have opened meanwhile.
            await self._identity.recheck(caller)
            self._check_capacity()
            replaced = self._check_share(caller, hello.device_id)
            self._hub.quotas.open_stream(caller.peer, replaced)
        try:
            await self._serve(self._open(hello, duplex, caller, past), hello, duplex, token)
        finally:
            self._hub.quotas.close_stream(caller.peer)

    def _check_capacity(self) -> None:
        """Raise `Draining` or `ServerFull` if no more streams are admitted."""
        if self._hub.draining:
            raise Draining("The server is going away; connect again soon.", retry_after=1.0)
        limit = self._settings.max_streams
        if len(self._hub.streams) >= limit:
            self._hub.quotas.refusals["max_streams"] += 1
            raise ServerFull(
                f"The server has {limit} streams open, its maximum; try again later.",
                metadata={"limit": "max_streams", "max_streams": str(limit)},
                retry_after=5.0,
            )

    def _check_share(self, caller: Caller, device_id: str) -> int:
        """Return how many open streams of the caller's address this one replaces.

        Raises `TooManyStreams` or `RateLimited` if the user may not open another one.
        """
        client = self._hub.clients.get(caller.number)
        streams = client.streams if client is not None else ()
        # A stream of the same device ends when this one opens.
        replaced = [each for each in streams if device_id and each.device_id == device_id]
        self._hub.quotas.may_open(caller.number)
        self._hub.quotas.check_streams(len(streams) - len(replaced))
        network = network_of(caller.peer)
        return sum(network_of(each.caller.peer) == network for each in replaced)

    def _open(
        self, hello: chat_pb2.Hello, duplex: Duplex, caller: Caller, past: list[Range]
    ) -> Stream:
        task = asyncio.current_task()
        assert task is not None
        return self._hub.open(
            caller,
            duplex.write,
            device_id=hello.device_id,
            agent=_printable(hello.agent),
            cancel=task.cancel,
            past=past,
            prompt=duplex.prompt,
        )

    async def _serve(
        self, stream: Stream, hello: chat_pb2.Hello, duplex: Duplex, token: str
    ) -> None:
        """Serve an open stream; always raises the reason for its end."""
        user = stream.user
        left = False
        if len(self._hub.clients[user.number].streams) == 1:
            self._journal.note_presence(user, online=True)
        try:
            recovery, after = self._recovery(hello)
            self._tell_open(stream, recovery, after)
            self._hub.tell(stream, self._welcome(stream, recovery, token))
            self._hub.begin(stream, after)
            await self._listen(stream, duplex)
        except CallEnded:
            left = True
            raise
        except ChatError as error:
            stream.ending = stream.ending or error
        except asyncio.CancelledError:
            if stream.ending is None:
                left = True
                raise
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
        finally:
            self._requests.markers.flush(user.number)
            self._hub.close(stream)
            self._tell_end(stream, left=left)
            # A user who leaves because the server ends is expected back at its next start.
            if not self._hub.clients[user.number].streams and not self._hub.draining:
                self._journal.note_presence(user, online=False)
        assert stream.ending is not None
        raise stream.ending

    def _tell_open(
        self, stream: Stream, recovery: chat_pb2.Recovery.ValueType, after: int | None
    ) -> None:
        """Tell the console of a stream that opens; `after` is the sequence where it resumes."""
        told: dict[str, object] = {"stream": stream.number, "name": stream.user.name}
        told |= {"number": stream.user.number, "address": stream.caller.peer}
        if stream.agent:
            told["agent"] = stream.agent
        if after is not None:
            told["resumed_after"] = after
        if recovery in _INCOMPLETE:
            told["recovery"] = _INCOMPLETE[recovery]
        self._hub.activity.note("stream opened", **told)

    def _tell_end(self, stream: Stream, *, left: bool) -> None:
        """Tell the console of a stream that ended, and why; `left` if its client is gone."""
        reason = "client left" if left else "INTERNAL"
        if stream.ending is not None:
            reason = stream.ending.reason
        self._hub.activity.note(
            "stream ended",
            stream=stream.number,
            name=stream.user.name,
            number=stream.user.number,
            seconds=round(self._hub.clock.seconds() - stream.opened, 1),
            reason=reason,
        )

    async def _identify(
        self, hello: chat_pb2.Hello, duplex: Duplex, caller: Caller
    ) -> tuple[Caller, str]:
        """Return the caller that a `hello` identifies, and the token if it is a guest's."""
        token = token_of(duplex.metadata) or hello.token
        if token:
            if not caller.token_digest:
                caller = await self._identity.signed_in(token, caller)
            self._identity.check_guest(caller)
            told = caller.user.guest and not in_cookie(duplex.metadata)
            return caller, token if told else ""
        if caller.certificate:
            return caller, ""
        if not hello.name:
            raise NotSignedIn("A hello needs a token, or the name of a guest.")
        return await self._identity.new_guest(hello.name, caller.peer, caller.agent)

    def _welcome(self, stream: Stream, recovery: chat_pb2.Recovery.ValueType, token: str) -> bytes:
        welcome = chat_pb2.Welcome(
            client=client_message(self._hub.clients[stream.user.number], self._settings.node),
            head_sequence=self._hub.head,
            recovery=recovery,
            oldest_sequence=self._journal.oldest,
            token=token,
            admin=self._hub.accounts.is_admin(stream.user.number),
        )
        # Encoded messages that are joined are one message (Protocol Buffers, "Encoding").
        content = self._same_welcome + welcome.SerializeToString()
        return encode_passing(WELCOME, content, self._hub.clock.nanoseconds())

    @cached_property
    def _same_welcome(self) -> bytes:
        """The encoded fields of `Welcome` that are the same for all streams."""
        return chat_pb2.Welcome(
            log_id=self._journal.log_id,
            incarnation=self._journal.incarnation,
            heartbeat_interval=duration(self._settings.heartbeat),
            limits=limits_message(self._hub.quotas.quota),
            server_version=__version__,
            node=self._settings.node,
        ).SerializeToString()

    def _event(self, **kind: Any) -> chat_pb2.Event:
        event = chat_pb2.Event(**kind)
        event.time.FromNanoseconds(self._hub.clock.nanoseconds())
        return event

    def _recovery(self, hello: chat_pb2.Hello) -> tuple[chat_pb2.Recovery.ValueType, int | None]:
        """Return the recovery, and the sequence after which the stream begins; None: the head."""
        after, oldest = hello.resume_after, self._journal.oldest
        if not hello.log_id:
            return chat_pb2.RECOVERY_FRESH, None
        # If the log never had this sequence, it was replaced by an older copy.
        if hello.log_id != self._journal.log_id or after > self._hub.head:
            return chat_pb2.RECOVERY_OTHER_LOG, None
        # The same, but the sequence was given again since then, or by another copy of the log.
        if hello.incarnation and not self._journal.knows(hello.incarnation, after):
            return chat_pb2.RECOVERY_OTHER_LOG, None
        if after + 1 < oldest:
            return chat_pb2.RECOVERY_TRUNCATED, oldest - 1
        return chat_pb2.RECOVERY_COMPLETE, after

    # ------------------------------------------------------------- requests

    async def _listen(self, stream: Stream, duplex: Duplex) -> None:
        """Carry out the requests of a stream, until it is cancelled."""
        while True:
            while stream.delivery.size > limits.MAX_OUTBOX_BYTES:
                # The client sends requests but does not read the answers. No event tells when it
                # reads again, so poll.
                await asyncio.sleep(0.05)
            encoded = await duplex.read()
            if encoded is None:
                # After a half-close the stream continues, until `cancel` ends it.
                await asyncio.get_running_loop().create_future()
                return
            await self._requests.take(stream, encoded)

    # ------------------------------------------------------------- times

    async def heartbeat(self) -> None:
        """Send a heartbeat to each silent stream, end stalled ones, and store waiting markers.

        The event loop gets its turn between them.
        """
        self._requests.markers.flush()
        now = self._hub.clock.monotonic()
        if now >= self._note_uses_at:
            self._note_uses_at = now + _USES_EVERY
            self._journal.note_uses([s.caller.token_digest for s in self._hub.streams])
        interval = self._settings.heartbeat
        beat = b""
        async for stream in self._hub.walk():
            delivery = stream.delivery
            # Spread out, so that streams that fell silent together do not all wake at once.
            if stream.ending is not None or delivery.closed:
                continue  # it ended meanwhile
            if 0.0 < delivery.writing_since < now - limits.STALLED:
                stream.end(
                    FellBehind(
                        f"The stream was not read for {limits.STALLED:g} seconds.", retry_after=1.0
                    )
                )
            elif not delivery.scheduled and (
                now - delivery.last_write >= interval * random.uniform(0.7, 0.95)
            ):
                heartbeat = chat_pb2.Heartbeat(head_sequence=self._hub.head)
                beat = beat or encode(self._event(heartbeat=heartbeat))
                delivery.last_write = now
                self._hub.tell(stream, beat)

    def go_away(self, stream: Stream, within: float) -> None:
        """Send `go_away` to a stream; its client reconnects after up to `within` seconds."""
        away = chat_pb2.GoAway(
            reconnect_after=duration(random.uniform(0.0, within)),
            message="The server is stopping. Reconnect when it is back.",
        )
        self._hub.tell(stream, encode(self._event(go_away=away)))

    def end_all(self, *, idle_only: bool = False) -> None:
        """End each stream with `UNAVAILABLE`; `idle_only` spares those that have more to get."""
        for stream in list(self._hub.streams):
            if not idle_only or stream.idle:
                stream.end(Draining("The server is stopping; connect again and resume."))


def limits_message(quota: Quota) -> chat_pb2.Limits:
    """Return the limits that a client is told."""
    told = chat_pb2.Limits(max_text_bytes=limits.MAX_TEXT_BYTES)
    if quota.messages_per_second:
        told.messages_per_second, told.message_burst = (
            quota.messages_per_second,
            quota.message_burst,
        )
    told.bytes_per_second, told.byte_burst = quota.bytes_per_second, quota.byte_burst
    told.queries_per_second = quota.queries_per_second
    told.query_burst = quota.query_burst
    told.rooms_per_minute = quota.rooms_per_minute
    told.max_streams_per_user = quota.streams_per_user
    told.max_rooms_per_user = quota.rooms_per_user
    told.max_members_per_room = quota.members_per_room
    told.max_invitations_per_room = quota.invitations_per_room
    told.max_reactions_per_message = quota.reactions_per_message
    return told


def _hello(encoded: bytes) -> chat_pb2.Hello:
    """Parse and check the first request of a stream."""
    request = parse(chat_pb2.ConnectRequest, encoded)
    if request.WhichOneof("request") != "hello":
        raise HelloRequired("The first request of a stream must be `hello`.")
    hello = request.hello
    if len(hello.device_id) > limits.MAX_DEVICE_ID_LENGTH:
        raise FieldInvalid(f"A device_id has at most {limits.MAX_DEVICE_ID_LENGTH} characters.")
    if hello.resume_after < 0:
        raise FieldInvalid("resume_after is a sequence: 0 or more.")
    return hello


def _printable(agent: str) -> str:
    kept = agent[: limits.MAX_AGENT_LENGTH]
    return "".join(letter for letter in kept if letter.isprintable())
