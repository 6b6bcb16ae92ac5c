"""`SearchMessages`: words of any script, in the conversations that the caller may read."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from server.people import Person, do_each, make_room, meeting, room, to, user
from support import LOBBY, eventually, running

from chat_grpc.journal import search
from chat_grpc.journal.database import row
from chat_grpc.journal.search import Hits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


async def found(person: Person, query: str, **fields: object) -> list[str]:
    """Return the texts that a search finds, newest first."""
    page = await person.do("SearchMessages", query=query, **fields)
    return [stored.message.text for stored in page.messages]


FINDS = [
    ("hello big world", ["hello", "WORLD hello", "world", '"big world"', "“hello”"]),
    ("don't stop-me now", ["don't", "stop", '"stop me"', "now stop"]),
    ("foo_bar C++ a.b@c.de", ["foo_bar", "foo", "c++", '"foo_bar c++"', "a.b@c.de", "C"]),
    ("C++11 and .NET for C#, 5€!", ["c++", ".net", "NET", "c#", "5€", "5", "c++11"]),
    ("a #tag for @bob", ["#tag", "tag", "@bob", "bob"]),
    ("пʼять oʻzbek", ["п'ять", "п’ять", "пʼять", "o'zbek", "O‘ZBEK"]),
    ("the printer works", ["print", "works pri", "PRINTE", "the"]),
    ("Straße naïve Đặng İzmir ısı", ["STRASSE", "naive", "NAÏVE", "dang", "izmir", "ISI"]),
    ("Ελλάς Γιώργος", ["ΕΛΛΑΣ", "ελλας", "γιωργος"]),
    ("Привет, Ёлка", ["ПРИВЕТ", "елка", "ёлка"]),
    ("東京都に住む", ["東京", "京都", "住む", "東京 住"]),
    ("可能性ＡＢＣ", ["能性", "abc", "ABC"]),
    ("한국어는 좋다", ["한국어", "한국", "좋다"]),
    ("ที่มีความสุข", ["มี", "ความสุข", "ที่"]),
    ("हिन्दी भाषा", ["हिन्दी", "भाषा हिन्दी"]),
    ("مُحَمَّد أحمد فاطمة", ["محمد", "احمد", "فاطمه"]),
    ("می\u200cخواهم", ["می\u200cخواهم", "میخواهم"]),
    ("שָׁלוֹם עולם", ["שלום", "עולם"]),
    ("နေကောင်းလား", ["ကောင်း"]),
    ("party🎉🎉 👍🏽 ❤️ 👨\u200d👩\u200d👧 🇩🇪", ["🎉", "👍", "❤", "👧", "🇩🇪", "party"]),
    ("20°C, 5€ ©", ["20", "°", "20°c", "©"]),
    ("ﬁne ﬂow", ["fine", "FLOW"]),
    ("cafe\u0301", ["cafe", "café", "CAFÉ"]),
]

FINDS_NOT = [
    (
        "hello big world",
        ["hell ", '"hell"', "he", "hell big", "ello", '"world big"', "hello moon", "worlds"],
    ),
    ("हिन्दी", ["हन्दा"]),
    ("plan C, c-net, 5 tags, bob", ["c++", "c#", ".net", "5€", "#tags", "@bob"]),
    ("มี", ["มา"]),
    ("東京", ["京東"]),
    ("👍", ["👎"]),
]


@pytest.mark.parametrize(("text", "queries"), FINDS, ids=lambda each: str(each)[:12])
async def test_words_of_any_script_are_found(server: Server, text: str, queries: list[str]) -> None:
    """Words match in any case, with or without accents; quoted words match as a phrase."""
    async with meeting(server, "alice") as [alice]:
        await alice.sent(text)
        await alice.sent("other words")
        for query in queries:
            assert await found(alice, query) == [text], query


@pytest.mark.parametrize(("text", "queries"), FINDS_NOT, ids=lambda each: str(each)[:12])
async def test_other_words_are_not_found(server: Server, text: str, queries: list[str]) -> None:
    """A message is found only if it has all of the words, each as a whole word."""
    async with meeting(server, "alice") as [alice]:
        await alice.sent(text)
        for query in queries:
            assert await found(alice, query) == [], query


NO_SYNTAX = [
    "hello*",
    "-hello",
    "^hello",
    "+hello",
    "hello:",
    '"hello',
    'hello"',
    '""hello""',
    "(hello",
    "hello)",
    "{hello}",
    "＂hello＂",
    "\0hello\0",
    "'hello'",
    "hello;",
    "\\hello%",
]

NO_MATCH = [
    "text:hello",
    "place : lobby",
    "hello OR moon",
    "hello AND NOT moon",
    "NEAR(hello moon, 5)",
    "t236c6f626279",
    "*",
    '"',
    '""',
    '"""',
    "- + ^ : ( ) { } ' ;",
    "\0",
    "\ufffd",
    "') OR 1=1 --",
    'x" OR text : "hello',
]


@pytest.mark.parametrize("data", ["memory", "file"])
async def test_no_query_is_an_error_or_more_than_text(data: str, tmp_path: Path) -> None:
    """Query syntax of other systems is taken as text or ignored."""
    options = {"data": str(tmp_path)} if data == "file" else {}
    async with running(**options) as server, meeting(server, "alice") as [alice]:
        await alice.sent("hello")
        for query in NO_SYNTAX:
            assert await found(alice, query) == ["hello"], query
        for query in NO_MATCH:
            assert await found(alice, query) == [], query


@pytest.mark.parametrize("letter", ["x", "漢", "🎉", '"', '" ', '"x" ', "*", "é ", "\0", "(", "न्"])
async def test_a_long_query_is_a_query(server: Server, letter: str) -> None:
    """A query of 16 KiB is accepted and finds nothing."""
    async with meeting(server, "alice") as [alice]:
        await alice.sent("hello")
        query = letter * (16384 // len(letter.encode()))
        assert await found(alice, f"y {query}") == []
        assert await found(alice, query, target=room("lobby")) == []


async def test_a_query_is_needed(server: Server) -> None:
    """An empty query, and one of spaces, is refused."""
    async with meeting(server, "alice") as [alice]:
        assert await alice.refused("SearchMessages", query="") == "FIELD_INVALID"
        assert await alice.refused("SearchMessages", query=" \n") == "FIELD_INVALID"


async def test_search_finds_what_the_caller_may_read(server: Server) -> None:
    """A search covers the lobby, the caller's present rooms, and the caller's direct messages."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob, invite_only=True)
        await make_room(alice, "square", bob)
        await alice.sent("word to all")
        await alice.sent("word in the cellar", room("cellar"))
        await alice.sent("word in the square", room("square"))
        await alice.sent("word to bob", to(bob))
        await bob.sent("word to alice", to(alice))
        everything = ["word to alice", "word to bob", "word in the square", "word in the cellar"]
        assert await found(bob, "word") == [*everything, "word to all"]
        assert await found(carol, "word") == ["word to all"]
        await bob.do("LeaveRoom", room="cellar")
        await bob.do("LeaveRoom", room="square")
        assert await found(bob, "word") == [*everything[:2], "word to all"]
        await bob.do("JoinRoom", room="square")
        assert await found(bob, "word") == [*everything[:3], "word to all"]


async def test_search_keeps_to_a_conversation(server: Server) -> None:
    """A search can be limited to a room, to one user, or to messages to oneself."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        await alice.sent("word to all")
        await alice.sent("word in the cellar", room("cellar"))
        await alice.sent("word to bob", to(bob))
        await alice.sent("word to alice", to(alice))
        assert await found(alice, "word", target=LOBBY) == ["word to all"]
        assert await found(alice, "word", target=room("CELLAR")) == ["word in the cellar"]
        assert await found(alice, "word", target=user("bob")) == ["word to bob"]
        assert await found(bob, "word", target=to(alice)) == ["word to bob"]
        assert await found(alice, "word", target=to(alice)) == ["word to alice"]
        assert await found(bob, "word", target=to(bob)) == []


@pytest.mark.parametrize("indexed", [True, False])
async def test_search_finds_the_newest_text_only(server: Server, indexed: bool) -> None:
    """A search never finds the text before an edit, or a deleted text, whenever it was indexed."""
    async with meeting(server, "alice") as [alice]:
        edited = (await alice.sent("old word")).sequence
        deleted = (await alice.sent("bad word")).sequence
        if indexed:
            assert await found(alice, "word") == ["bad word", "old word"]
        await alice.ask(edit=chat_pb2.Edit(target_sequence=edited, text="middle word"))
        await alice.ask(edit=chat_pb2.Edit(target_sequence=edited, text="new word"))
        await alice.ask(edit=chat_pb2.Edit(target_sequence=deleted, text="worse word"))
        await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=deleted))
        assert await found(alice, "word") == ["new word"]
        for gone in ("old", "middle", "bad", "worse"):
            assert await found(alice, gone) == []
        [stored] = (await alice.do("SearchMessages", query="new")).messages
        assert (stored.sequence, stored.HasField("edit_time")) == (edited, True)


async def test_pages_of_a_search_are_stable(server: Server) -> None:
    """Each message is on one page, although others are written and deleted meanwhile."""
    async with meeting(server, "alice") as [alice]:
        sent = [(await alice.sent(f"word {n}")).sequence for n in range(7)]
        seen, token = [], ""
        for turn in range(3):
            page = await alice.do("SearchMessages", query="word", page_size=3, page_token=token)
            seen += [stored.sequence for stored in page.messages]
            token = page.next_page_token
            await alice.sent("new word")
            await alice.ask(delete_message=chat_pb2.DeleteMessage(target_sequence=sent[-1 - turn]))
        assert (seen, token) == (sent[::-1], "")


async def test_search_works_for_a_member_of_many_rooms() -> None:
    """A member of 600 rooms finds a message in one of them."""
    async with running(rooms_per_user=600) as server, meeting(server, "alice") as [alice]:
        names = [f"room{number}" for number in range(600)]
        await do_each(alice, "CreateRoom", "name", names)
        await alice.sent("word", room("room599"))
        assert await found(alice, "word") == ["word"]


def endless(connection: apsw.Connection, **_: object) -> Hits:
    """Search in a loop that does not end."""
    numbers = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    return Hits([row(connection, f"{numbers} SELECT max(x) FROM n")[0]], 0)


def searches(server: Server) -> tuple[int, int]:
    """Return the number of searches that run, and of those that wait."""
    status = server.status()
    return status.running_search_count, status.waiting_search_count


async def test_abandoned_searches_delay_no_other_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Abandoned searches end at once, and delay no other user's requests."""
    monkeypatch.setattr(search, "find", endless)
    async with running(data=str(tmp_path)) as server, meeting(server, "alice", "bob") as people:
        alice, bob = people
        sequence = (await alice.sent("hello")).sequence
        await eventually(lambda: server.status().indexed_sequence >= sequence)
        ask = chat_pb2.SearchMessagesRequest(query="hello")
        token = (("authorization", f"Bearer {alice.token}"),)
        calls = [alice.stub.SearchMessages(ask, metadata=token) for _ in range(4)]
        await eventually(lambda: searches(server) == (1, 3))
        assert await alice.refused("SearchMessages", query="hello") == "RATE_LIMITED"
        assert len((await bob.do("ListMessages", target=LOBBY)).messages) == 1
        await alice.ask(edit=chat_pb2.Edit(target_sequence=sequence, text="hi"))
        for call in calls:
            call.cancel()
        await eventually(lambda: searches(server) == (0, 0), within=1.0)
