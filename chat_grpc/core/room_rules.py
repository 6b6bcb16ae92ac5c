"""The rules of rooms: which requests are allowed, and their effect. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat_grpc.core.blocks import refusal
from chat_grpc.core.changes import (
    CreateRoom,
    DeleteRoom,
    Invite,
    JoinRoom,
    LeaveRoom,
    RoomRequest,
    SetRole,
    UpdateRoom,
)
from chat_grpc.core.errors import (
    LastOwner,
    MemberNotFound,
    NameTaken,
    NotAllowed,
    NotAMember,
    RoomFull,
    RoomNotFound,
    TooManyRooms,
)
from chat_grpc.core.user import User
from chat_grpc.v1 import chat_pb2

LOBBY = "lobby"

NOBODY = chat_pb2.ROOM_ROLE_UNSPECIFIED
READER = chat_pb2.ROOM_ROLE_READER
MEMBER = chat_pb2.ROOM_ROLE_MEMBER
MODERATOR = chat_pb2.ROOM_ROLE_MODERATOR
OWNER = chat_pb2.ROOM_ROLE_OWNER

CREATED = chat_pb2.RoomChange.CHANGE_CREATED
JOINED = chat_pb2.RoomChange.CHANGE_JOINED
LEFT = chat_pb2.RoomChange.CHANGE_LEFT
INVITED = chat_pb2.RoomChange.CHANGE_INVITED
ROLE = chat_pb2.RoomChange.CHANGE_ROLE
UPDATED = chat_pb2.RoomChange.CHANGE_UPDATED
DELETED = chat_pb2.RoomChange.CHANGE_DELETED

NO_CHANNEL = "#"
"""The channel of events that no stream sees: no room has the empty name."""


def channel_of(key: str) -> str:
    """Return the channel of a room's events."""
    return f"#{key}"


def room_not_found(name: str) -> RoomNotFound:
    """Return the error for a room that does not exist, or that is hidden from the caller."""
    return RoomNotFound(f"There is no room {name}.", metadata={"room": name})


def not_a_member(name: str) -> NotAMember:
    """Return the error for a request that only members of a public room may make."""
    return NotAMember(
        f"Only members of {name} may do this; join it first.", metadata={"room": name}
    )


def only_reads(name: str) -> NotAllowed:
    """Return the error for a reader who tries to write."""
    return NotAllowed(
        f"You are a reader of {name}: you may not write there.", metadata={"room": name}
    )


def role_needed(least: int) -> NotAllowed:
    """Return the error for a request that needs a higher role."""
    what = "moderator" if least == MODERATOR else "member"
    return NotAllowed(f"This needs the role {what} in this conversation.")


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of a room, its actor and its subject, at one position of the log."""

    name: str
    topic: str
    invite_only: bool
    member_count: int
    owner_count: int
    actor_role: int
    """0 if the actor is not a member."""
    actor_invited: bool
    actor_last_role: int
    """The role in the actor's newest membership, ended or not; 0 without one."""
    subject_role: int
    subject_invited: bool
    blocked: bool = False
    """Whether the subject blocked the actor."""
    blocks: bool = False
    """Whether the actor blocked the subject."""


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The effect of a request on a room, for the event, the tables and the hub."""

    change: chat_pb2.RoomChange.Change.ValueType
    key: str
    name: str
    topic: str
    invite_only: bool
    member_count: int
    actor: User
    subject: User
    role: int

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of the event: the room's, and the subject's, who may not be a member."""
        room = channel_of(self.key)
        if self.change in (ROLE, UPDATED, DELETED):
            return (room,)
        return (room, f"@{self.subject.number}")

    def content(self, nanoseconds: int) -> bytes:
        """Encode the event without its sequence."""
        room = chat_pb2.Room(
            name=self.name,
            topic=self.topic,
            invite_only=self.invite_only,
            member_count=self.member_count,
        )
        event = chat_pb2.Event(
            room_change=chat_pb2.RoomChange(
                room=room,
                change=self.change,
                author=chat_pb2.Author(number=self.actor.number, name=self.actor.name),
            )
        )
        if self.change not in (UPDATED, DELETED):
            subject = event.room_change.subject
            subject.number, subject.name = self.subject.number, self.subject.name
            event.room_change.role = chat_pb2.RoomRole.ValueType(self.role)
        event.time.FromNanoseconds(nanoseconds)
        return event.SerializeToString()


def check_writer(key: str, facts: Facts | None) -> None:
    """Raise `RoomNotFound`, `NotAMember` or `NotAllowed` if the actor may not write."""
    facts = _for_members(key, facts)
    if facts.actor_role < MEMBER:
        raise only_reads(facts.name)


def check_owned_rooms(count: int, most: int) -> None:
    """Raise `TooManyRooms` if a user who owns `count` rooms may not create one more."""
    if most and count >= most:
        raise TooManyRooms(
            f"You own {count} rooms, the maximum; delete one, or give one away and leave it.",
            metadata={"max_rooms_per_user": str(most)},
        )


def check_invitations(name: str, count: int, most: int) -> None:
    """Raise `RoomFull` if a room with `count` open invitations may have no more."""
    if most and count >= most:
        raise RoomFull(
            f"{count} users are invited to {name}, the maximum; withdraw an invitation first.",
            metadata={"limit": "invitations_per_room", "invitations_per_room": str(most)},
        )


def decide(request: RoomRequest, actor: User, facts: Facts | None) -> RoomChanged | None:
    """Return the effect of a request on a room; None if the requested state already exists.

    `facts` is None if there is no such room. Raises a `ChatError` if the request is refused.
    """
    match request:
        case CreateRoom():
            return _create(request, actor, facts)
        case JoinRoom():
            return _join(request, actor, facts)
        case LeaveRoom(key):
            return _leave(key, actor, facts)
        case Invite(key, subject):
            return _invite(key, actor, subject, facts)
        case UpdateRoom():
            return _update(request, actor, facts)
        case SetRole():
            return _set_role(request, actor, facts)
        case DeleteRoom(key):
            return _delete(key, actor, facts)


def _create(request: CreateRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    if facts is not None:
        raise NameTaken(
            f"The room {request.name} exists already; choose another name.",
            metadata={"name": request.name},
        )
    key, name, topic = request.key, request.name, request.topic
    return RoomChanged(CREATED, key, name, topic, request.invite_only, 1, actor, actor, OWNER)


def _join(request: JoinRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    key = request.key
    if facts is None or not _visible(facts):
        raise room_not_found(key)
    if facts.actor_role:
        return None
    if request.most_members and facts.member_count >= request.most_members:
        raise RoomFull(
            f"{facts.name} has {facts.member_count} members, the maximum.",
            metadata={"limit": "members_per_room", "members_per_room": str(request.most_members)},
        )
    # A reader stays a reader after leaving and joining again.
    role = READER if facts.actor_last_role == READER else MEMBER
    return _changed(JOINED, key, facts, actor, actor, role, 1)


def _leave(key: str, actor: User, facts: Facts | None) -> RoomChanged | None:
    if facts is None or not (_visible(facts) or facts.actor_last_role):
        raise room_not_found(key)
    if not facts.actor_role:
        return None
    if facts.actor_role == OWNER and facts.owner_count == 1:
        raise _last_owner(facts)
    return _changed(LEFT, key, facts, actor, actor, NOBODY, -1)


def _invite(key: str, actor: User, subject: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(key, facts)
    if facts.invite_only and facts.actor_role < MODERATOR:
        raise NotAllowed("Only moderators and owners may invite to a private room.")
    if facts.subject_role or facts.subject_invited:
        return None
    if error := refusal(facts.blocked, facts.blocks, subject.number):
        raise error
    return _changed(INVITED, key, facts, actor, subject, NOBODY, 0)


def _update(request: UpdateRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.actor_role < MODERATOR:
        raise NotAllowed("Only moderators and owners may change the topic of a room.")
    topic = facts.topic if request.topic is None else request.topic
    invite_only = facts.invite_only if request.invite_only is None else request.invite_only
    if invite_only != facts.invite_only and facts.actor_role < OWNER:
        raise NotAllowed("Only owners may make a room private or public.")
    if (topic, invite_only) == (facts.topic, facts.invite_only):
        return None
    new = replace(facts, topic=topic, invite_only=invite_only)
    return _changed(UPDATED, request.key, new, actor, actor, NOBODY, 0)


def _set_role(request: SetRole, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.actor_role < MODERATOR:
        raise NotAllowed("Only moderators and owners may give roles.")
    if facts.actor_role < OWNER and max(facts.subject_role, request.role) >= MODERATOR:
        raise NotAllowed("A moderator may only make readers members, and members readers.")
    if facts.subject_role == request.role and not facts.subject_invited:
        return None
    if not (facts.subject_role or (facts.subject_invited and not request.role)):
        raise MemberNotFound(
            f"{request.subject.name} is not a member of {facts.name}.",
            metadata={"user": request.subject.name},
        )
    if facts.subject_role == OWNER and facts.owner_count == 1:
        raise _last_owner(facts)
    if not request.role:
        # For a user who was only invited, this withdraws the invitation.
        more = -1 if facts.subject_role else 0
        return _changed(LEFT, request.key, facts, actor, request.subject, NOBODY, more)
    return _changed(ROLE, request.key, facts, actor, request.subject, request.role, 0)


def _delete(key: str, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(key, facts)
    if facts.actor_role < OWNER:
        raise NotAllowed("Only owners may delete a room.")
    gone = replace(facts, member_count=0)
    return _changed(DELETED, key, gone, actor, actor, NOBODY, 0)


def _visible(facts: Facts) -> bool:
    return not facts.invite_only or facts.actor_role > 0 or facts.actor_invited


def _for_members(key: str, facts: Facts | None) -> Facts:
    if facts is None or not _visible(facts):
        raise room_not_found(key)
    if not facts.actor_role:
        raise not_a_member(facts.name)
    return facts


def _last_owner(facts: Facts) -> LastOwner:
    return LastOwner(
        f"{facts.name} must keep an owner; make another member an owner first, or delete the room.",
        metadata={"room": facts.name},
    )


def _changed(
    change: chat_pb2.RoomChange.Change.ValueType,
    key: str,
    facts: Facts,
    actor: User,
    subject: User,
    role: int,
    more: int,
) -> RoomChanged:
    count = facts.member_count + more
    return RoomChanged(
        change, key, facts.name, facts.topic, facts.invite_only, count, actor, subject, role
    )
