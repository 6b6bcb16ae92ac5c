"""A restarted server has everything that was stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grpc import aio
from server.people import (
    MODERATOR,
    READER,
    Person,
    do_each,
    give,
    make_room,
    meeting,
    room,
    to,
)
from support import LOBBY, eventually, reason_of, running, store_of

from chat_grpc.core import limits
from chat_grpc.journal.check import check
from chat_grpc.v1 import chat_pb2

NAMES = ["alice", "bob", "carol", "dave"]
ROOMS = ["lobby", "Square", "cellar", "attic"]
WORDS = ["hello", "edited", "secret", "direct", "日本"]


async def live(alice: Person, bob: Person, carol: Person, dave: Person) -> None:
    """Make every kind of request that is stored."""
    await make_room(alice, "Square", bob, carol)
    await make_room(alice, "cellar", bob, carol, invite_only=True)
    await make_room(bob, "attic", carol, invite_only=True)
    await alice.do("UpdateRoom", room="square", topic="日本")
    await alice.do("InviteToRoom", room="cellar", user="dave")
    await bob.do("InviteToRoom", room="attic", user="dave")
    await give(bob, "attic", dave, 0)
    for target in (LOBBY, room("square"), room("cellar"), to(bob), to(alice)):
        sent = (await alice.sent("hello @bob 日本", target)).sequence
        deleted = (await alice.sent("secret", target, reply_to=sent)).sequence
        await alice.ask(edit=chat_pb2.Edit(target_sequence=sent, text="edited @bob"))
        await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=deleted))
        await alice.ask(react=chat_pb2.React(target_sequence=sent, emoji="👍"))
        await alice.ask(react=chat_pb2.React(target_sequence=sent, emoji="🎉"))
        await alice.ask(react=chat_pb2.React(target_sequence=sent, emoji="🎉", remove=True))
        await alice.tell(mark_read=chat_pb2.MarkRead(target=target, sequence=sent))
    await bob.sent("direct", to(carol))
    await bob.tell(mark_read=chat_pb2.MarkRead(target=room("square"), sequence=sent))
    await give(alice, "square", bob, MODERATOR)
    await give(alice, "square", carol, READER)
    await carol.do("LeaveRoom", room="square")
    await give(alice, "cellar", carol, 0)


async def told(person: Person, method: str, **fields: Any) -> Any:
    """Return a response, or the reason of a refusal."""
    try:
        return await person.do(method, **fields)
    except aio.AioRpcError as error:
        return reason_of(error)


async def everything(people: list[Person]) -> dict[tuple[Any, ...], Any]:
    """Return the responses to every list request of every person."""
    found: dict[tuple[Any, ...], Any] = {}
    for person in people:
        me = person.name
        found[me, "rooms"] = await told(person, "ListRooms")
        found[me, "conversations"] = await told(person, "ListConversations")
        for name in ROOMS:
            target = room(name)
            found[me, "members", name] = await told(person, "ListRoomMembers", room=name)
            found[me, "messages", name] = await told(person, "ListMessages", target=target)
        for other in people:
            target = to(other)
            found[me, "messages", other.name] = await told(person, "ListMessages", target=target)
        for word in WORDS:
            found[me, "search", word] = await told(person, "SearchMessages", query=word)
    return found


async def replayed(server: Any, person: Person) -> list[chat_pb2.Event]:
    """Return all stored events that a stream gets when it resumes from the beginning."""
    fields = {"log_id": person.welcome.log_id, "resume_after": 0}
    async with Person(server, token=person.token, **fields) as back:
        await eventually(lambda: back.of("caught_up"))
        return [event for event in back.events if event.sequence]


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """Every list and replay is the same after a restart, and `check` finds no fault."""
    async with running(data=str(tmp_path)) as server, meeting(server, *NAMES) as people:
        await live(*people)
        before = await everything(people)
        events = [await replayed(server, person) for person in people]
    assert check(store_of(tmp_path)) == []
    async with running(data=str(tmp_path)) as server:
        back = [Person(server, token=person.token) for person in people]
        for person in back:
            await person.hello()
        assert await everything(back) == before
        assert [await replayed(server, person) for person in back] == events
        for person in back:
            await person.__aexit__()
    kinds = {event.WhichOneof("event") for event in events[0]}
    assert kinds == {"message", "edited", "deleted", "reaction", "read_marker", "room_change"}
    refused = {each for each in before.values() if isinstance(each, str)}
    assert refused == {"NOT_A_MEMBER", "ROOM_NOT_FOUND"}


async def test_a_member_of_many_rooms_resumes(tmp_path: Path) -> None:
    """A member of many rooms gets all events from the store, in order and once."""
    names = [f"room{number}" for number in range(limits.MAX_RANGES + 20)]
    many = {"data": str(tmp_path), "rooms_per_user": len(names)}
    async with running(**many) as server, meeting(server, "alice", "bob") as people:
        alice, bob = people
        await do_each(alice, "CreateRoom", "name", names)
        await do_each(bob, "JoinRoom", "room", names)
        await do_each(bob, "LeaveRoom", "room", names[:20:2])
        texts = []
        for target in (*map(room, names[:20]), LOBBY, to(bob), to(alice)):
            texts.append(str(target))
            await alice.sent(texts[-1], target)
    async with running(data=str(tmp_path)) as server:
        events = await replayed(server, bob)
        sequences = [event.sequence for event in events]
        assert sequences == sorted(set(sequences))
        seen = [event.message.text for event in events if event.HasField("message")]
        assert seen == [*texts[1:20:2], *texts[20:22]]


async def test_rights_and_request_ids_survive_a_restart(tmp_path: Path) -> None:
    """Invitations, removals, roles and request ids are still in effect after a restart."""
    async with running(data=str(tmp_path)) as server, meeting(server, *NAMES) as people:
        await live(*people)
        alice = people[0]
        sent = (await alice.sent("hello", request_id="message")).sequence
        react = chat_pb2.React(target_sequence=sent, emoji="👍", request_id="once")
        first = await alice.ask(react=react)
    async with running(data=str(tmp_path)) as server:
        back = [Person(server, token=person.token) for person in people]
        for person in back:
            await person.hello()
        alice, bob, carol, dave = back
        await dave.do("JoinRoom", room="cellar")
        assert await dave.refused("JoinRoom", room="attic") == "ROOM_NOT_FOUND"
        assert await carol.refused("JoinRoom", room="cellar") == "ROOM_NOT_FOUND"
        assert (await carol.do("JoinRoom", room="square")).room.my_role == READER
        assert (await carol.sent("x", room("square"))).reason == "NOT_ALLOWED"
        await bob.do("UpdateRoom", room="square", topic="a moderator's")
        again = await alice.ask(react=react)
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        again = await alice.sent("hello", request_id="message")
        assert (again.sequence, again.duplicate) == (sent, True)
        await eventually(lambda: len(dave.changes("cellar")) == 1)
        for person in back:
            await person.__aexit__()
