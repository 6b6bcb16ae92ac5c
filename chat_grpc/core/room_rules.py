"""What may be done to a room, by whom, and what becomes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

from chat_grpc.core import limits
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
    """Gives the channel of a room's events."""
    return f"#{key}"


def room_not_found(name: str) -> RoomNotFound:
    """Makes the refusal for a room that is not there, or that the caller may not know of."""
    return RoomNotFound(f"There is no room {name}.", metadata={"room": name})


def not_a_member(name: str) -> NotAMember:
    """Makes the refusal for what only members may do in a public room."""
    return NotAMember(f"Only members of {name} may do this; join it.", metadata={"room": name})


def only_reads(name: str) -> NotAllowed:
    """Makes the refusal for a reader who wants to write."""
    return NotAllowed(f"In {name} you only read.", metadata={"room": name})


def role_needed(least: int) -> NotAllowed:
    """Makes the refusal for what a user's role is not enough."""
    what = "a moderator" if least == MODERATOR else "a member"
    return NotAllowed(f"This needs the role of {what} here.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision about a room needs to know, at one place of the log."""

    name: str
    topic: str
    invite_only: bool
    member_count: int
    owner_count: int
    actor_role: int
    """0 where the actor is no member."""
    actor_invited: bool
    actor_last_role: int
    """The role in the actor's newest membership, over or not; 0 where there was none."""
    subject_role: int
    subject_invited: bool


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """What a request does to a room: the event, and what the tables and the hub take over."""

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
        """Where it is visible: to the members, and to whom it happened, who may be none."""
        room = channel_of(self.key)
        if self.change in (ROLE, UPDATED, DELETED):
            return (room,)
        return (room, f"@{self.subject.number}")

    def content(self, nanoseconds: int) -> bytes:
        """Encodes the event, without its sequence."""
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
    """Raises `RoomNotFound`, `NotAMember` or `NotAllowed` where the actor may not write."""
    facts = _for_members(key, facts)
    if facts.actor_role < MEMBER:
        raise only_reads(facts.name)


def check_owned_rooms(count: int) -> None:
    """Raise `TooManyRooms` if a user who owns some rooms may not create one more."""
    if count >= limits.MAX_ROOMS_PER_USER:
        raise TooManyRooms(
            f"You own {count} rooms, the maximum; delete one, or give one away and leave it.",
            metadata={"max_rooms_per_user": str(limits.MAX_ROOMS_PER_USER)},
        )


@singledispatch
def decide(request: RoomRequest, actor: User, facts: Facts | None) -> RoomChanged | None:
    """Decides what a request does to a room; None where it is as asked already.

    `facts` is None where there is no such room. Raises a `ChatError` where it is refused.
    """
    raise TypeError(request, actor, facts)


@decide.register
def _(request: CreateRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    if facts is not None:
        raise NameTaken(
            f"The room {request.name} exists already; take another name.",
            metadata={"name": request.name},
        )
    return RoomChanged(
        CREATED,
        request.key,
        request.name,
        request.topic,
        request.invite_only,
        1,
        actor,
        actor,
        OWNER,
    )


@decide.register
def _(request: JoinRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    if facts is None or not _visible(facts):
        raise room_not_found(request.key)
    if facts.actor_role:
        return None
    # Who was made a reader does not get around it by leaving.
    role = READER if facts.actor_last_role == READER else MEMBER
    return _changed(JOINED, request.key, facts, actor, actor, role, 1)


@decide.register
def _(request: LeaveRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    if facts is None or not (_visible(facts) or facts.actor_last_role):
        raise room_not_found(request.key)
    if not facts.actor_role:
        return None
    if facts.actor_role == OWNER and facts.owner_count == 1:
        raise _last_owner(facts)
    return _changed(LEFT, request.key, facts, actor, actor, NOBODY, -1)


@decide.register
def _(request: Invite, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.invite_only and facts.actor_role < MODERATOR:
        raise NotAllowed("Inviting to a private room needs the role of a moderator.")
    if facts.subject_role or facts.subject_invited:
        return None
    return _changed(INVITED, request.key, facts, actor, request.subject, NOBODY, 0)


@decide.register
def _(request: UpdateRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.actor_role < MODERATOR:
        raise NotAllowed("Changing what a room is about needs the role of a moderator.")
    topic = facts.topic if request.topic is None else request.topic
    private = facts.invite_only if request.invite_only is None else request.invite_only
    if private != facts.invite_only and facts.actor_role < OWNER:
        raise NotAllowed("Making a room private or public needs the role of an owner.")
    if (topic, private) == (facts.topic, facts.invite_only):
        return None
    new = replace(facts, topic=topic, invite_only=private)
    return _changed(UPDATED, request.key, new, actor, actor, NOBODY, 0)


@decide.register
def _(request: SetRole, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.actor_role < MODERATOR:
        raise NotAllowed("Giving roles needs the role of a moderator.")
    if facts.actor_role < OWNER and max(facts.subject_role, request.role) >= MODERATOR:
        raise NotAllowed("A moderator gives roles below their own, to members below themselves.")
    if facts.subject_role == request.role and not facts.subject_invited:
        return None
    if not (facts.subject_role or (facts.subject_invited and not request.role)):
        raise MemberNotFound(
            f"{request.subject.name} is no member of {facts.name}.",
            metadata={"user": request.subject.name},
        )
    if facts.subject_role == OWNER and facts.owner_count == 1:
        raise _last_owner(facts)
    if not request.role:
        # Of somebody who was only invited, it takes back the invitation.
        more = -1 if facts.subject_role else 0
        return _changed(LEFT, request.key, facts, actor, request.subject, NOBODY, more)
    return _changed(ROLE, request.key, facts, actor, request.subject, request.role, 0)


@decide.register
def _(request: DeleteRoom, actor: User, facts: Facts | None) -> RoomChanged | None:
    facts = _for_members(request.key, facts)
    if facts.actor_role < OWNER:
        raise NotAllowed("Only an owner may delete a room.", metadata={"room": facts.name})
    gone = replace(facts, member_count=0)
    return _changed(DELETED, request.key, gone, actor, actor, NOBODY, 0)


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
        f"{facts.name} keeps at least one owner; make somebody else one first.",
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
