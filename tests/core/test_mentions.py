"""Parsing of mentions; tests/server/test_changes.py tests their delivery."""

from __future__ import annotations

import time
from collections.abc import Collection

import pytest

from chat_grpc.core.clients import Clients
from chat_grpc.core.limits import MAX_MENTIONS, MAX_TEXT_BYTES
from chat_grpc.core.mentions import Mentions, mentions
from chat_grpc.core.room_rules import MEMBER
from chat_grpc.core.rooms import Member, Room, Rooms
from chat_grpc.core.user import User

ALICE, BOB, BOB_DOT = User(1, "alice", "alice"), User(2, "Bob", "bob"), User(3, "bob.", "bob.")
HAN, KIM, DEVA = User(4, "有栖", "有栖"), User(5, "철수", "철수"), User(6, "हिन्दी", "हिन्दी")
OLD_BOB = User(7, "bob", "bob")
USERS = [ALICE, BOB, BOB_DOT, HAN, KIM, DEVA]


class World:
    """A lobby with some users of the store, and a room."""

    def __init__(self) -> None:
        self.reads: list[tuple[set[str], set[int]]] = []
        self.clients = Clients(lambda: 0.0)
        room = Room("cellar", "cellar", "", invite_only=True)
        room.add(Member(ALICE, MEMBER, 1))
        room.add(Member(OLD_BOB, MEMBER, 2))
        self.mentions = Mentions(self.clients, Rooms([room]), self.users_named)

    async def users_named(self, keys: Collection[str], numbers: Collection[int]) -> list[User]:
        """Read users as the store does."""
        self.reads.append((set(keys), set(numbers)))
        return [u for u in [*USERS, OLD_BOB] if u.number in numbers] + [
            u for u in USERS if u.key in keys
        ]

    async def in_lobby(self, text: str) -> tuple[int, ...]:
        """Return the user numbers that a text in the lobby mentions."""
        return await self.mentions.numbers(text, ALICE, "lobby")


FOUND = [
    ("@bob", (2,)),
    ("@Bob, @ALICE!", (2, 1)),
    ("@ＢＯＢ", (2,)),
    ("(@bob)", (2,)),
    ("@bob's", (2,)),
    ("“@bob”", (2,)),
    ("*@bob*", (2,)),
    ("_@bob_", (2,)),
    ("@bob...", (3,)),
    ("@bob?!", (2,)),
    ("@bob. @bob!", (3, 2)),
    ("@bob @bob", (2,)),
    ("@alice/@bob", (1, 2)),
    ("cc:@bob", (2,)),
    ("done.@bob", (2,)),
    ("👍@bob", (2,)),
    ("❤\ufe0f@bob", (2,)),
    ("1\ufe0f\u20e3@bob", (2,)),
    ("交给@bob处理", (2,)),
    ("@bobさん", (2,)),
    ("ขอบคุณ@bobครับ", (2,)),
    ("@bob님", (2,)),
    ("@철수야 안녕", (5,)),
    ("@bobने", (2,)),
    ("@有栖さん", (4,)),
    ("@有栖、hello", (4,)),
    ("你好@有栖！", (4,)),
    ("@हिन्दी।", (6,)),
    ("@bob#7", (7,)),
    ("@bob#7 and @bob", (7, 2)),
    ("see https://example.org/x and @bob", (2,)),
]

NOT_FOUND = [
    "https://medium.com/@bob/x",
    "https://example.org/?u=@bob",
    "www.example.org/?u=@bob",
    "medium.com/@bob",
    "node_modules/@bob/x",
    "niñ@bob",
    "nin\u0303@bob",
    "first_@bob",
    "first.last+tag@bob",
    "alice@bob",
    "алиса@bob",
    "alice@bob.com",
    "हिन्दी@bob",
    "a-@bob",
    "@@bob",
    "@bobby",
    "@bo",
    "@b",
    "@ bob",
    "@",
    "@bob.com",
    "@" + "bob" * 12,
    "@bob#1",
    "@bob#999",
    "@\u0301",
]


@pytest.mark.parametrize(("text", "numbers"), FOUND)
async def test_a_mention_is_found(text: str, numbers: tuple[int, ...]) -> None:
    """Mentions are found beside punctuation, emoji and unspaced scripts; the longest name wins."""
    assert await World().in_lobby(text) == numbers


@pytest.mark.parametrize("text", NOT_FOUND)
async def test_an_address_or_a_word_mentions_nobody(text: str) -> None:
    """Addresses, words, paths, longer names and unknown numbers are not mentions."""
    assert await World().in_lobby(text) == ()


async def test_the_holder_of_a_name_comes_before_the_newest_user() -> None:
    """A connected user with the name is preferred to the newest one, without reading the store."""
    world = World()
    world.clients.hold(OLD_BOB)
    assert await world.in_lobby("@bob") == (7,)
    assert world.reads == []
    assert await world.in_lobby("@bob @alice @nobody") == (7, 1)
    assert world.reads == [({"alice", "nobody"}, set())]


async def test_a_room_and_a_direct_conversation_know_their_own() -> None:
    """A room mentions its members, a direct conversation its sides, without a read."""
    world = World()
    text = "@alice @bob @bob#7 @bob#2 @有栖"
    assert await world.mentions.numbers(text, ALICE, "Cellar") == (1, 7)
    assert await world.mentions.numbers(text, ALICE, BOB) == (1, 2)
    assert world.reads == []


async def test_the_first_names_of_a_text_count() -> None:
    """At most `MAX_MENTIONS` different names are looked up; repetitions are free."""
    world = World()
    names = "".join(f"@x{n} @x{n} " for n in range(MAX_MENTIONS))
    assert await world.in_lobby(f"{names}@bob") == ()
    assert len(world.reads[0][0]) == MAX_MENTIONS
    assert await world.in_lobby(f"@bob {names}") == (2,)


WORST = [
    "".join(f"@ж{number} " for number in range(5000)),
    "".join(f"@{chr(0x4E00 + number) * 32}" for number in range(400)),
    "".join(f"@{'ａ' * 31}{number} " for number in range(400)),
    "@" * MAX_TEXT_BYTES,
    "@a!" * MAX_TEXT_BYTES,
    "a_" * 8000 + "@bob",
    "://" * 5000 + "@bob",
    "://a @b " * 2000,
    "www." * 4000 + "@bob",
    "a" * 16000 + "://@bob",
    "@" + "́" * 8000,
    "@有栖" * 3000,
]


@pytest.mark.parametrize("text", WORST, ids=lambda text: ascii(text)[:16])
def test_the_work_for_a_text_is_bounded(text: str) -> None:
    """Any text of the maximum length costs about a millisecond."""
    text = text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
    mentions(text)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        found = mentions(text)
        best = min(best, time.perf_counter() - start)
    print(f"{best * 1000:.2f} ms, {sum(len(m.keys) for m in found)} keys")
    assert len(found) <= MAX_MENTIONS
    assert best < 0.01
