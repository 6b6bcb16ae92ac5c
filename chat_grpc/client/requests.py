"""Requests as the contract has them."""

from __future__ import annotations

from chat_grpc.v1 import chat_pb2

To = int | str | None
"""A client's number, a user's name, a `#room`, or None for everyone."""


def target(to: To) -> chat_pb2.Target:
    """Makes the target of a message."""
    if to is None:
        return chat_pb2.Target(room="lobby")
    if isinstance(to, int):
        return chat_pb2.Target(client_number=to)
    if to.startswith("#"):
        return chat_pb2.Target(room=to[1:])
    return chat_pb2.Target(user=to)
