"""What a client knows over all its streams."""

from __future__ import annotations

from chat_grpc.client.inbox import Inbox, author_of
from chat_grpc.client.outgoing import Outgoing
from chat_grpc.v1 import chat_pb2

MAX_UNANSWERED = 256
"""Requests that may wait for their answer; the next waits for one of them."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""Events that wait for the program; then the stream is not read until it takes some."""

HARD_MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""The same while a request waits for its answer, and the stream has to be read for it."""


class Session:
    """One user at one server, over any number of streams. No I/O.

    `hello` begins a stream; then each of its events goes through `take`. What the program is to
    see waits in `inbox`, what it asks for in `outgoing`.

    Belongs to one event loop.
    """

    def __init__(self, *, name: str, token: str, device_id: str, agent: str) -> None:
        self.inbox = Inbox(MAX_BUFFERED_BYTES, HARD_MAX_BUFFERED_BYTES)
        self.outgoing = Outgoing(MAX_UNANSWERED)
        self.name = name
        """The name of a guest, where there is no token, or it is not known any more."""
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
        """Begins another stream, behind all that came."""
        position = self.inbox.resume()
        return chat_pb2.Hello(
            name="" if self.token else self.name,
            log_id=position.log_id,
            resume_after=position.sequence,
            device_id=self.device_id,
            agent=self.agent,
        )

    def take(self, event: chat_pb2.Event) -> str | None:
        """Takes an event of the stream at hand; gives its kind."""
        kind = event.WhichOneof("event")
        inbox, unanswered = self.inbox, self.outgoing.unanswered
        if kind == "sent":
            inbox.own(event.sent.sequence)
            unanswered.sent(event.sent)
            inbox.settle(unanswered.settled)
        elif kind == "rejected":
            unanswered.rejected(event.rejected)
            inbox.settle(unanswered.settled)
        elif kind == "welcome":
            self._welcome(event)
        elif kind is not None and kind != "heartbeat":
            doubt = 0
            if unanswered and author_of(event, kind) == self.me.number:
                doubt = unanswered.made
            inbox.put(event, doubt)
        return kind

    def _welcome(self, event: chat_pb2.Event) -> None:
        welcome = event.welcome
        # Copies: a part of a response keeps all of it in memory.
        self.me, self.limits = chat_pb2.Client(), chat_pb2.Limits()
        self.me.CopyFrom(welcome.client)
        self.limits.CopyFrom(welcome.limits)
        self.guest_token = welcome.token
        self.token = welcome.token or self.token
        self.server_version = welcome.server_version
        self.node = welcome.node
        self.recovery = welcome.recovery
        # The program gets the event, and may print it.
        welcome.ClearField("token")
        unanswered = self.outgoing.unanswered
        unanswered.fail_old()
        if self.inbox.welcome(event):
            self.outgoing.forget_log()
        self.inbox.settle(unanswered.settled)
