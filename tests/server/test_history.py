"""`ListMessages`: the messages of a conversation in their present state."""

from __future__ import annotations

from typing import Any

import pytest
from server.people import Person, make_room, meeting, room, to, user
from support import LOBBY, eventually

from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def pages(person: Person, method: str, **fields: Any) -> list[list[chat_pb2.StoredMessage]]:
    """Return all pages of messages."""
    found = []
    while True:
        page = await person.do(method, **fields)
        found.append(list(page.messages))
        if not page.next_page_token:
            return found
        fields["page_token"] = page.next_page_token


async def texts(person: Person, target: chat_pb2.Target, **fields: Any) -> list[str]:
    """Return the texts of a conversation's newest messages."""
    page = await person.do("ListMessages", target=target, **fields)
    return [stored.message.text for stored in page.messages]


async def test_messages_come_newest_first_as_they_were_sent(server: Server) -> None:
    """Messages are listed newest first, with author, target, time and reference."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        first = await alice.sent("one")
        second = await bob.sent("two @alice", reply_to=first.sequence)
        found = (await alice.do("ListMessages", target=LOBBY)).messages
        assert [each.sequence for each in found] == [second.sequence, first.sequence]
        newest = found[0]
        assert newest.message == chat_pb2.Message(
            author=chat_pb2.Author(number=2, name="bob"),
            room="lobby",
            text="two @alice",
            reply_to=first.sequence,
            mentioned_numbers=[1],
        )
        await eventually(lambda: alice.texts)
        assert newest.time == next(e for e in alice.events if e.sequence == newest.sequence).time
        assert not newest.HasField("edit_time")


async def test_each_conversation_has_its_own(server: Server) -> None:
    """Each conversation has its own history; a direct one is the same from both sides."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob)
        await alice.sent("to all")
        await alice.sent("to the cellar", room("cellar"))
        await alice.sent("to bob", to(bob))
        await bob.sent("to alice", user("ALICE"))
        await carol.sent("carol to bob", to(bob))
        assert await texts(bob, room("Lobby")) == ["to all"]
        assert await texts(bob, room("CELLAR")) == ["to the cellar"]
        assert await texts(bob, user("alice")) == ["to alice", "to bob"]
        assert await texts(alice, to(bob)) == ["to alice", "to bob"]
        assert await texts(carol, to(alice)) == []


async def test_messages_to_oneself_are_a_conversation(server: Server) -> None:
    """A message to oneself reaches the other devices once, in a conversation of its own."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        async with Person(server, token=alice.token) as laptop:
            await bob.sent("hello", to(alice))
            sent = await alice.sent("note", to(alice))
            await bob.sent("end")
            await eventually(lambda: "end" in laptop.texts and "end" in alice.texts)
            assert laptop.texts == ["hello", "note", "end"]
            assert alice.texts == ["hello", "end"]
        found = (await alice.do("ListMessages", target=user("alice"))).messages
        assert [each.sequence for each in found] == [sent.sequence]
        assert found[0].message.user == found[0].message.author


async def test_a_new_member_reads_what_was_written_before(server: Server) -> None:
    """A new member can read the whole history of a room; a former member cannot read any of it."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await alice.do("CreateRoom", name="cellar")
        await alice.sent("before", room("cellar"))
        assert await bob.refused("ListMessages", target=room("cellar")) == "NOT_A_MEMBER"
        await bob.do("JoinRoom", room="cellar")
        assert await texts(bob, room("cellar")) == ["before"]
        await bob.do("LeaveRoom", room="cellar")
        assert await bob.refused("ListMessages", target=room("cellar")) == "NOT_A_MEMBER"


async def test_pages_are_stable_while_messages_come_and_go(server: Server) -> None:
    """Each message is on exactly one page, whatever is sent, edited or deleted meanwhile."""
    async with meeting(server, "alice") as [alice]:
        sent = [(await alice.sent(f"{n}")).sequence for n in range(10)]
        fields: dict[str, Any] = {"target": LOBBY, "page_size": 3}
        seen: list[int] = []
        for turn in range(4):
            page = await alice.do("ListMessages", **fields)
            seen += [stored.sequence for stored in page.messages]
            fields["page_token"] = page.next_page_token
            await alice.sent("new")
            gone = chat_pb2.DeleteMessage(target_sequence=sent[turn])
            assert (await alice.ask(delete_message=gone)).sequence
        assert seen == sent[::-1]
        assert fields["page_token"] == ""


async def test_a_page_may_be_bounded_by_sequences(server: Server) -> None:
    """A page may be bounded by sequences before, after, or both; the bounds are exclusive."""
    async with meeting(server, "alice") as [alice]:
        one, two, three, four = [(await alice.sent(f"{n}")).sequence for n in range(1, 5)]
        assert await texts(alice, LOBBY, before_sequence=three) == ["2", "1"]
        assert await texts(alice, LOBBY, after_sequence=two) == ["4", "3"]
        assert await texts(alice, LOBBY, after_sequence=one, before_sequence=four) == ["3", "2"]
        assert await texts(alice, LOBBY, after_sequence=four) == []
        assert await texts(alice, LOBBY, before_sequence=2**63 - 1, page_size=1) == ["4"]
        fields = {"target": LOBBY, "before_sequence": four, "page_size": 2}
        bounded = await pages(alice, "ListMessages", **fields)
        assert [[m.message.text for m in page] for page in bounded] == [["3", "2"], ["1"]]


async def test_the_length_of_a_page_has_a_default_and_a_bound(server: Server) -> None:
    """A page has 50 messages by default and at most 300."""
    async with meeting(server, "alice") as [alice]:
        for number in range(310):
            await alice.send(f"{number}")
        await alice.sent("newest")
        assert len(await texts(alice, LOBBY)) == 50
        assert len(await texts(alice, LOBBY, page_size=1000)) == 300
        assert [len(page) for page in await pages(alice, "ListMessages", target=LOBBY)] == [
            *[50] * 6,
            11,
        ]


async def test_a_page_fits_what_a_client_takes(server: Server) -> None:
    """300 messages of the maximum length are split over several pages, and each comes once."""
    async with meeting(server, "alice") as [alice]:
        for _ in range(300):
            await alice.send("x" * 16384)
        await alice.sent("newest")
        found = await pages(alice, "ListMessages", target=LOBBY, page_size=300)
        assert sum(map(len, found)) == 301
        assert all(sum(m.ByteSize() for m in page) < 3_000_000 for page in found)
        matches = await pages(alice, "SearchMessages", query="x" * 16384, page_size=300)
        assert sum(map(len, matches)) == 300


@pytest.mark.parametrize(("before", "after"), [(16384, 1), (1, 16384)])
async def test_edits_count_for_the_size_of_a_page(server: Server, before: int, after: int) -> None:
    """Edited messages are split over pages by the size of their newest text."""
    async with meeting(server, "alice") as [alice]:
        for _ in range(200):
            sent = await alice.sent("x" * before)
            await alice.ask(edit=chat_pb2.Edit(target_sequence=sent.sequence, text="y" * after))
        found = await pages(alice, "ListMessages", target=LOBBY, page_size=300)
        listed = [message for page in found for message in page]
        assert [len(each.message.text) for each in listed] == [after] * 200
        assert len(found) == (2 if after > before else 1)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "FIELD_INVALID"),
        ({"target": chat_pb2.Target()}, "FIELD_INVALID"),
        ({"page_size": -1}, "FIELD_INVALID"),
        ({"before_sequence": -1}, "FIELD_INVALID"),
        ({"after_sequence": -1}, "FIELD_INVALID"),
        ({"target": room("nowhere")}, "ROOM_NOT_FOUND"),
        ({"target": room("not a room")}, "ROOM_NOT_FOUND"),
        ({"target": user("nobody")}, "USER_NOT_FOUND"),
        ({"target": chat_pb2.Target(client_number=99)}, "CLIENT_NOT_FOUND"),
    ],
)
async def test_bad_requests_are_refused(
    server: Server, fields: dict[str, Any], reason: str
) -> None:
    """Each bad request has its reason, also in `SearchMessages` where it has the field."""
    async with meeting(server, "alice") as [alice]:
        wanted = fields if not fields or "target" in fields else {"target": LOBBY} | fields
        assert await alice.refused("ListMessages", **wanted) == reason
        if fields and not any("sequence" in field for field in fields):
            found = wanted | {"query": "x"}
            assert await alice.refused("SearchMessages", **found) == reason


async def test_a_page_token_is_good_for_its_own_list(server: Server) -> None:
    """A token of another method is refused; a token of another user reveals nothing."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        await make_room(alice, "secret", invite_only=True)
        for target in (LOBBY, room("cellar"), room("secret"), to(bob)):
            await alice.sent("word", target)
            await alice.sent("word", target)
        lists: dict[str, dict[str, Any]] = {
            "ListMessages": {"target": room("secret")},
            "SearchMessages": {"query": "word"},
            "ListConversations": {},
            "ListRooms": {},
            "ListRoomMembers": {"room": "cellar"},
            "ListClients": {},
        }
        tokens = {
            method: (await alice.do(method, page_size=1, **fields)).next_page_token
            for method, fields in lists.items()
        }
        assert len(set(tokens.values())) == len(lists)
        for method, fields in lists.items():
            for other, token in tokens.items():
                if other == method:
                    await alice.do(method, page_token=token, **fields)
                else:
                    wanted = fields | {"page_token": token}
                    assert await alice.refused(method, **wanted) == "PAGE_TOKEN_INVALID"
        token = tokens.pop("ListMessages")
        secret = {"target": room("secret"), "page_token": token}
        assert await bob.refused("ListMessages", **secret) == "ROOM_NOT_FOUND"
        for method, token in tokens.items():
            answer = await bob.do(method, page_token=token, **lists[method])
            assert "secret" not in str(answer)


OTHER_REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("ListMessages", {"target": LOBBY}, {"target": room("cellar")}),
    ("ListMessages", {"target": LOBBY}, {"target": LOBBY, "before_sequence": 9}),
    ("ListMessages", {"target": LOBBY}, {"target": LOBBY, "after_sequence": 1}),
    ("SearchMessages", {"query": "word"}, {"query": "words"}),
    ("SearchMessages", {"query": "word"}, {"query": "word", "target": LOBBY}),
    ("ListRoomMembers", {"room": "cellar"}, {"room": "lobby"}),
    ("ListClients", {}, {"room": "cellar"}),
]


@pytest.mark.parametrize(("method", "asked", "other"), OTHER_REQUESTS)
async def test_a_page_token_is_good_for_its_own_request(
    server: Server, method: str, asked: dict[str, Any], other: dict[str, Any]
) -> None:
    """A token with another target, query or limit is refused; the page size may change."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        for _ in range(2):
            await alice.sent("word")
            await alice.sent("word", room("cellar"))
        token = (await alice.do(method, page_size=1, **asked)).next_page_token
        assert token
        await alice.do(method, page_size=7, page_token=token, **asked)
        assert await alice.refused(method, page_token=token, **other) == "PAGE_TOKEN_INVALID"
