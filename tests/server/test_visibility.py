"""The rights and the visibility of every method and request, for every role and conversation.

An operation that the table does not allow must be refused, and an operation that the table lacks
fails a test.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from server.operations import COVERED, OPERATIONS, Conversation, Outcome
from server.people import MODERATOR, READER, Person, give, make_room, meeting, room, to
from support import LOBBY, eventually, running

from chat_grpc.app.methods import SERVICES
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2

MEANS = {
    "ok": "ok",
    "shown": "shown",
    "hidden": "hidden",
    "token": "UNAUTHENTICATED NOT_SIGNED_IN",
    "room": "NOT_FOUND ROOM_NOT_FOUND",
    "message": "NOT_FOUND MESSAGE_NOT_FOUND",
    "member": "PERMISSION_DENIED NOT_A_MEMBER",
    "role": "PERMISSION_DENIED NOT_ALLOWED",
    "taken": "ALREADY_EXISTS NAME_TAKEN",
    "last": "FAILED_PRECONDITION LAST_OWNER",
    "field": "INVALID_ARGUMENT FIELD_INVALID",
}

# A dot: without a token there is no stream and no message of one's own.
PUBLIC = """
                   nobody stranger former  invited reader member moderator owner
list_clients       ok     ok       ok      ok      ok     ok     ok        ok
list_members       token  ok       ok      ok      ok     ok     ok        ok
list_rooms         token  shown    shown   shown   shown  shown  shown     shown
list_conversations token  hidden   hidden  hidden  shown  shown  shown     shown
list_messages      token  member   member  member  ok     ok     ok        ok
search_in          token  member   member  member  ok     ok     ok        ok
search             token  hidden   hidden  hidden  shown  shown  shown     shown
create             token  taken    taken   taken   taken  taken  taken     taken
join               token  ok       ok      ok      ok     ok     ok        ok
leave              token  ok       ok      ok      ok     ok     ok        last
invite             token  member   member  member  ok     ok     ok        ok
update_topic       token  member   member  member  role   role   ok        ok
update_access      token  member   member  member  role   role   role      ok
delete_room        token  member   member  member  role   role   role      ok
make_reader        token  member   member  member  role   role   ok        ok
make_moderator     token  member   member  member  role   role   role      ok
remove             token  member   member  member  role   role   ok        ok
send_to            token  member   member  member  role   ok     ok        ok
answer_to          token  message  message message field  field  field     field
send               .      member   member  member  role   ok     ok        ok
answer             .      message  message message field  field  field     field
edit               .      message  message message role   role   role      ok
edit_own           .      .        message .       role   ok     ok        ok
delete             .      message  message message role   role   ok        ok
delete_own         .      .        message .       ok     ok     ok        ok
react              .      message  message message role   ok     ok        ok
mark_read          .      member   member  member  ok     ok     ok        ok
set_typing         .      member   member  member  role   ok     ok        ok
hello_again        .      field    field   field   field  field  field     field
receive            .      hidden   hidden  hidden  shown  shown  shown     shown
"""

# `create` must say that the name is taken, as the contract demands. `leave` is idempotent for a
# former member, who therefore learns that the room exists.
INVITE_ONLY = """
                   nobody stranger former  invited reader member moderator owner
list_clients       room   room     room    member  ok     ok     ok        ok
list_members       token  room     room    member  ok     ok     ok        ok
list_rooms         token  hidden   hidden  hidden  shown  shown  shown     shown
list_conversations token  hidden   hidden  hidden  shown  shown  shown     shown
list_messages      token  room     room    member  ok     ok     ok        ok
search_in          token  room     room    member  ok     ok     ok        ok
search             token  hidden   hidden  hidden  shown  shown  shown     shown
create             token  taken    taken   taken   taken  taken  taken     taken
join               token  room     room    ok      ok     ok     ok        ok
leave              token  room     ok      ok      ok     ok     ok        last
invite             token  room     room    member  role   role   ok        ok
update_topic       token  room     room    member  role   role   ok        ok
update_access      token  room     room    member  role   role   role      ok
delete_room        token  room     room    member  role   role   role      ok
make_reader        token  room     room    member  role   role   ok        ok
make_moderator     token  room     room    member  role   role   role      ok
remove             token  room     room    member  role   role   ok        ok
send_to            token  room     room    member  role   ok     ok        ok
answer_to          token  message  message message field  field  field     field
send               .      room     room    member  role   ok     ok        ok
answer             .      message  message message field  field  field     field
edit               .      message  message message role   role   role      ok
edit_own           .      .        message .       role   ok     ok        ok
delete             .      message  message message role   role   ok        ok
delete_own         .      .        message .       ok     ok     ok        ok
react              .      message  message message role   ok     ok        ok
mark_read          .      room     room    member  ok     ok     ok        ok
set_typing         .      room     room    member  role   ok     ok        ok
hello_again        .      field    field   field   field  field  field     field
receive            .      hidden   hidden  hidden  shown  shown  shown     shown
"""


DIRECT = """
                   nobody stranger receiver author
list_direct        token  hidden   shown    shown
list_partners      token  hidden   shown    shown
search             token  hidden   shown    shown
search_direct      token  hidden   shown    shown
answer_to          token  message  field    field
answer             .      message  field    field
edit               .      message  role     ok
delete             .      message  role     ok
react              .      message  ok       ok
receive_direct     .      hidden   shown    shown
"""


def cells(table: str) -> dict[tuple[str, str], str]:
    """Return the expected outcomes by operation and role."""
    roles, *rows = [line.split() for line in table.strip().splitlines()]
    return {
        (row[0], role): MEANS[short]
        for row in rows
        for role, short in zip(roles, row[1:], strict=True)
        if short != "."
    }


class Nobody(Person):
    """A caller without a token and a stream."""

    @property
    def token(self) -> str:
        """None: this caller has no token."""
        return ""


class World:
    """A person of each role, and a new room or conversation for each trial."""

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self._count = itertools.count(1000)

    async def room(self, asks: str, *, invite_only: bool) -> Conversation:
        """Create a room in which each person has their role."""
        people, number = self.people, next(self._count)
        owner, name, word = people["owner"], f"cellars{number}", f"word{number}"
        writing = ["former", "reader", "member", "moderator"]
        members = [people[role] for role in ("other", *writing)]
        await make_room(owner, name, *members, invite_only=invite_only)
        await owner.do("InviteToRoom", room=name, user="invited")
        own = (await people[asks].sent("own", room(name))).sequence if asks in writing else 0
        await give(owner, name, people["reader"], READER)
        await give(owner, name, people["moderator"], MODERATOR)
        await people["former"].do("LeaveRoom", room=name)
        message = (await owner.sent(f"a {word}", room(name))).sequence
        own = message if asks == "owner" else own
        return Conversation(owner, people["other"], word, message, name, own, "outsider")

    async def direct(self) -> Conversation:
        """Send a direct message from the author to the receiver."""
        author, receiver = self.people["author"], self.people["receiver"]
        word = f"word{next(self._count)}"
        message = (await author.sent(f"a {word}", to(receiver))).sequence
        return Conversation(author, receiver, word, message)

    async def try_all(
        self, table: str, conversation: Callable[[str], Awaitable[Conversation]]
    ) -> dict[tuple[str, str], tuple[str, str]]:
        """Try each cell in a new room or conversation; return those that differ from the table."""
        wrong = {}
        for (operation, role), expected in cells(table).items():
            outcome = await OPERATIONS[operation](self.people[role], await conversation(role))
            if outcome.what != expected:
                wrong[operation, role] = (outcome.what, expected)
        return wrong


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server without a limit of rooms: one owner creates a room for each trial."""
    async with running(rooms_per_user=0) as started:
        yield started


@asynccontextmanager
async def world(server: Server, *roles: str) -> AsyncIterator[World]:
    """Connect a person of each role."""
    asyncio.get_running_loop().set_debug(False)  # debug mode takes most of the time otherwise
    async with _people(server, *roles) as everyone:
        yield everyone


@asynccontextmanager
async def _people(server: Server, *roles: str) -> AsyncIterator[World]:
    async with meeting(server, *roles) as people:
        nobody = Nobody(server)
        yield World({"nobody": nobody, **{person.name: person for person in people}})
        await nobody.__aexit__()


ROLES = ("stranger", "former", "invited", "reader", "member", "moderator", "owner")


@pytest.mark.parametrize(("table", "invite_only"), [(PUBLIC, False), (INVITE_ONLY, True)])
async def test_each_may_do_in_a_room_what_the_table_says(
    server: Server, table: str, invite_only: bool
) -> None:
    """Every operation in a room has the outcome of the table, for every role."""
    async with world(server, *ROLES, "other", "outsider") as everyone:
        assert await everyone.try_all(table, partial(everyone.room, invite_only=invite_only)) == {}


async def test_each_may_do_in_a_direct_conversation_what_the_table_says(server: Server) -> None:
    """Only the two sides can use a direct conversation."""
    async with world(server, "stranger", "receiver", "author") as everyone:
        assert await everyone.try_all(DIRECT, lambda _: everyone.direct()) == {}


OF_THE_CALLER = {"BlockUser", "UnblockUser", "ListBlocked"}
"""The methods that concern no conversation."""


def test_the_tables_have_everything() -> None:
    """The tables have each method for conversations, each stream request, and each operation."""
    [chat] = [service for service in SERVICES if service.name == "ChatService"]
    asked = [m.name for m in chat.methods if m.name not in OF_THE_CALLER]
    asked += [field.name for field in chat_pb2.ConnectRequest.DESCRIPTOR.fields]
    assert {*COVERED.values()} == {*asked}
    in_rooms, direct = ({name for name, _ in cells(table)} for table in (PUBLIC, DIRECT))
    assert in_rooms == {name for name, _ in cells(INVITE_ONLY)}
    assert in_rooms | direct == OPERATIONS.keys()


# `create` makes a room of the name; the others do not concern a room.
_APART = {"create", "hello_again", "receive"}


async def test_an_invite_only_room_looks_like_an_unknown_one(server: Server) -> None:
    """A stranger cannot tell an invite-only room from one that does not exist.

    Responses are equal byte for byte, except for the name. Two exceptions: the name is taken, and
    leaving is idempotent for a former member.
    """
    async with world(server, *ROLES, "other", "outsider") as everyone:
        while server.status().head_sequence < 100:  # make all sequences equally long
            await everyone.people["owner"].sent("x")
        for role in ("nobody", "stranger", "former"):
            conversation = await everyone.room(role, invite_only=True)
            # The event before the message is not a message.
            nothing = replace(
                conversation,
                name="nowhere" + conversation.name[7:],
                message=conversation.message - 1,
            )
            tried = {name for name, each in cells(INVITE_ONLY) if each == role} - _APART
            for name in sorted(tried - ({"leave"} if role == "former" else set())):
                there = await OPERATIONS[name](everyone.people[role], conversation)
                not_there = await OPERATIONS[name](everyone.people[role], nothing)
                assert without(there, conversation) == without(not_there, nothing), (name, role)


def without(outcome: Outcome, conversation: Conversation) -> tuple[str, bytes]:
    """Return the responses to a caller without the names that the caller sent."""
    told = outcome.told.replace(conversation.name.encode(), b"*")
    return outcome.what, told.replace(str(conversation.message).encode(), b"#")


async def test_a_stranger_s_lists_are_the_same_with_and_without_what_they_may_not_see(
    server: Server,
) -> None:
    """Activity that a stranger may not see does not change a byte of the stranger's lists."""
    lists: dict[str, dict[str, Any]] = {
        "ListRooms": {},
        "ListClients": {},
        "ListConversations": {},
        "ListRoomMembers": {"room": "lobby"},
        "ListMessages": {"target": LOBBY},
        "SearchMessages": {"query": "word"},
    }
    async with meeting(server, "alice", "bob", "stranger") as [alice, bob, stranger]:
        before = [await stranger.do(method, **fields) for method, fields in lists.items()]
        await make_room(alice, "cellar", bob, invite_only=True)
        for target in (room("cellar"), to(bob)):
            sent = (await alice.sent("word @stranger", target)).sequence
            await alice.ask(edit=chat_pb2.Edit(target_sequence=sent, text="word"))
            await bob.ask(react=chat_pb2.React(target_sequence=sent, emoji="👍"))
            await bob.tell(mark_read=chat_pb2.MarkRead(target=target, sequence=sent))
            await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=sent))
        await bob.do("LeaveRoom", room="cellar")
        after = [await stranger.do(method, **fields) for method, fields in lists.items()]
        assert after == before
        await alice.sent("end")
        await eventually(lambda: stranger.texts)
        kinds = {event.WhichOneof("event") for event in stranger.events}
        assert kinds == {"welcome", "caught_up", "presence", "message"}
