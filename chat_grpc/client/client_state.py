"""The state of a client, as its program reads it."""

from __future__ import annotations

from chat_grpc.client.inbox import Inbox, Position
from chat_grpc.client.link import Link
from chat_grpc.client.session import Session
from chat_grpc.client.state import ConnectionState
from chat_grpc.v1 import chat_pb2


class ClientState:
    """The properties of `ChatClient`. They may be read at any time, also after `close`."""

    _link: Link
    _session: Session
    _inbox: Inbox

    @property
    def state(self) -> ConnectionState:
        """The state of the connection."""
        return self._link.state

    @property
    def me(self) -> chat_pb2.Client:
        """The client itself, from the last `welcome`."""
        return self._session.me

    @property
    def token(self) -> str:
        """The token of the user. A guest who keeps it is the same guest again."""
        return self._session.token

    @property
    def limits(self) -> chat_pb2.Limits:
        """The server's limits, from the last `welcome`."""
        return self._session.limits

    @property
    def delay(self) -> float:
        """Seconds until the client writes its next request, to keep to the server's rate.

        0.0 if it writes at once.
        """
        return self._session.outgoing.pace.delay

    @property
    def server_version(self) -> str:
        """The version of the server."""
        return self._session.server_version

    @property
    def node(self) -> str:
        """The name of the server's node."""
        return self._session.node

    @property
    def recovery(self) -> chat_pb2.Recovery.ValueType:
        """The recovery of the newest stream, which may be ahead of the events that were taken."""
        return self._session.recovery

    @property
    def position(self) -> Position:
        """The position after the last event that the program took, for another client to resume.

        A program that stores it after it has handled that event loses no event: its next start gets
        all later events, and after a crash that one event again.
        """
        return self._inbox.position
