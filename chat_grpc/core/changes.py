"""What can be written into the log besides messages: each changes what the tables hold.

A change is decided when the log is applied, in the order of the log, and not before: so two that
come at once cannot both be the first.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_grpc.core.user import User


@dataclass(frozen=True, slots=True)
class Post:
    """A message to a room in which something about its author is being decided."""

    key: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A message gets a new text."""

    target: int


@dataclass(frozen=True, slots=True)
class Delete:
    """A message loses its text."""

    target: int


@dataclass(frozen=True, slots=True)
class React:
    """A user's reaction to a message comes or goes."""

    target: int
    emoji: str
    remove: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A user has read a conversation up to a sequence."""

    conversation: str
    """`#room`, or `@number` of the other side."""
    up_to: int


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """A room is made; who makes it becomes its owner."""

    key: str
    name: str
    topic: str
    invite_only: bool


@dataclass(frozen=True, slots=True)
class JoinRoom:
    """A user becomes a member."""

    key: str


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """A user ends a membership."""

    key: str


@dataclass(frozen=True, slots=True)
class Invite:
    """A user may join a private room."""

    key: str
    subject: User


@dataclass(frozen=True, slots=True)
class UpdateRoom:
    """What a room is about, or whether it is private, changes; None leaves it."""

    key: str
    topic: str | None
    invite_only: bool | None


@dataclass(frozen=True, slots=True)
class SetRole:
    """A member gets a role, or is removed (role 0)."""

    key: str
    subject: User
    role: int


RoomRequest = CreateRoom | JoinRoom | LeaveRoom | Invite | UpdateRoom | SetRole
Change = Post | Edit | Delete | React | Read | RoomRequest
