"""Changes: the effects of commands on the tables, except those of plain messages.

A change is checked when it is applied, in log order. So of two conflicting changes, the second is
refused.

The limits of the server are part of a change: with the same log, all nodes decide alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_grpc.core.account_changes import AccountRequest
from chat_grpc.core.user import User


@dataclass(frozen=True, slots=True)
class Post:
    """A message to a room; a pending command may take the author's right to write there."""

    key: str


@dataclass(frozen=True, slots=True)
class Direct:
    """A direct message; a pending command may block its author."""


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
    """A user adds or removes a reaction to a message."""

    target: int
    emoji: str
    remove: bool
    most_emojis: int = 0
    """The maximum number of different emojis on the message; 0 sets no limit, as below."""


@dataclass(frozen=True, slots=True)
class Read:
    """A user reads a conversation up to a sequence."""

    conversation: str
    """`#room`, or `@number` of the other side."""
    up_to: int


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """A user creates a room, and becomes its owner."""

    key: str
    name: str
    topic: str
    invite_only: bool
    most_owned: int = 0
    """The maximum number of rooms that the user owns."""


@dataclass(frozen=True, slots=True)
class JoinRoom:
    """A user becomes a member of a room."""

    key: str
    most_members: int = 0
    """The maximum number of members of the room."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """A user ends a membership."""

    key: str


@dataclass(frozen=True, slots=True)
class Invite:
    """A user may join a private room."""

    key: str
    subject: User
    most_invitations: int = 0
    """The maximum number of open invitations to the room."""


@dataclass(frozen=True, slots=True)
class UpdateRoom:
    """A user changes the topic of a room, or whether it is invite-only. None leaves a value."""

    key: str
    topic: str | None
    invite_only: bool | None


@dataclass(frozen=True, slots=True)
class SetRole:
    """A member gets a role; role 0 removes the member."""

    key: str
    subject: User
    role: int


@dataclass(frozen=True, slots=True)
class DeleteRoom:
    """An owner deletes a room; its name is free again."""

    key: str


@dataclass(frozen=True, slots=True)
class Erase:
    """A message of a deleted room loses its text, as by `Delete`; the server asks for it."""

    target: int


RoomRequest = CreateRoom | JoinRoom | LeaveRoom | Invite | UpdateRoom | SetRole | DeleteRoom
Change = Post | Direct | Edit | Delete | Erase | React | Read | RoomRequest | AccountRequest
