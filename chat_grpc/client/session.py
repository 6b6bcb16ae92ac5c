"""The state of a client that outlives its streams."""

from __future__ import annotations

from chat_grpc.client.inbox import Inbox, author_of
from chat_grpc.client.known_users import KnownUsers
from chat_grpc.client.outgoing import Outgoing
from chat_grpc.v1 import chat_pb2

MAX_UNANSWERED = 256
"""Maximum number of unanswered requests; the next one waits."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""Maximum bytes of buffered events; above it the stream is not read."""

HARD_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""The maximum while a request is unanswered, because its answer comes on the stream."""


class Session:
    """One user at one server, over any number of streams. Does no I/O.

    `hello` starts a stream; `take` then handles each of its events. Events for the program are
    queued in `inbox`, its requests in `outgoing`. Belongs to one event loop.
    """

    def __init__(self, *, name: str, token: str, device_id: str, agent: str) -> None:
        self.inbox = Inbox(MAX_BUFFERED_BYTES, HARD_MAX_BUFFERED_BYTES)
        self.outgoing = Outgoing(MAX_UNANSWERED)
        self.users = KnownUsers()
        self.name = name
        """The name of a guest, used if there is no token or the server does not know it."""
        self.token = token
        self.device_id = device_id
        self.agent = agent
        self.guest_token = ""
        """The token that the server gave; empty for a user with an account."""
        self.me = chat_pb2.Client(name=name)
        self.limits = chat_pb2.Limits()
        self.server_version = ""
        self.node = ""
        self.recovery: chat_pb2.Recovery.ValueType = chat_pb2.RECOVERY_UNSPECIFIED

    def hello(self) -> chat_pb2.Hello:
        """Return the first request of a new stream, which resumes after the last received event."""
        position = self.inbox.resume()
        return chat_pb2.Hello(
            name="" if self.token else self.name,
            log_id=position.log_id,
            resume_after=position.sequence,
            incarnation=position.incarnation,
            device_id=self.device_id,
            agent=self.agent,
        )

    def take(self, event: chat_pb2.Event) -> str | None:
        """Handle an event of the current stream; return its kind."""
        kind = event.WhichOneof("event")
        inbox, unanswered = self.inbox, self.outgoing.unanswered
        if kind == "sent":
            inbox.own(event.sent.sequence)
            unanswered.sent(event.sent)
            inbox.settle(unanswered.settled)
        elif kind == "rejected":
            if not self.outgoing.again(event.rejected):
                unanswered.rejected(event.rejected)
                inbox.settle(unanswered.settled)
        elif kind == "welcome":
            self._welcome(event)
        elif kind is not None and kind != "heartbeat":
            self.users.learn(event, kind)
            doubt = 0
            if unanswered and author_of(event, kind) == self.me.number:
                doubt = unanswered.made
            inbox.put(event, doubt)
        return kind

    def _welcome(self, event: chat_pb2.Event) -> None:
        welcome = event.welcome
        # Copies, because a part of a message keeps the whole message in memory.
        self.me, self.limits = chat_pb2.Client(), chat_pb2.Limits()
        self.me.CopyFrom(welcome.client)
        self.limits.CopyFrom(welcome.limits)
        self.outgoing.pace.adopt(self.limits)
        self.guest_token = welcome.token
        self.token = welcome.token or self.token
        self.server_version = welcome.server_version
        self.node = welcome.node
        self.recovery = welcome.recovery
        # The program gets this event, and may print it.
        welcome.ClearField("token")
        unanswered = self.outgoing.unanswered
        unanswered.fail_old()
        if self.inbox.welcome(event):
            self.outgoing.forget_log()
            self.users.forget()
        self.users.me = self.me.number
        self.inbox.settle(unanswered.settled)
