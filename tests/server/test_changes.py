"""Edits, deletions, reactions, answers and mentions."""

from __future__ import annotations

import pytest
from server.people import (
    MODERATOR,
    OWNER,
    Person,
    give,
    make_room,
    meeting,
    room,
    to,
)
from support import LOBBY, eventually

from chat_grpc.core import limits
from chat_grpc.server import Server
from chat_grpc.v1 import chat_pb2


def edit(sequence: int, text: str = "new", request_id: str = "") -> chat_pb2.Edit:
    """Return an edit."""
    return chat_pb2.Edit(target_sequence=sequence, text=text, request_id=request_id)


def delete(sequence: int, request_id: str = "") -> chat_pb2.DeleteMessage:
    """Return a deletion."""
    return chat_pb2.DeleteMessage(target_sequence=sequence, request_id=request_id)


def react(
    sequence: int, emoji: str = "👍", *, remove: bool = False, request_id: str = ""
) -> chat_pb2.React:
    """Return a reaction."""
    return chat_pb2.React(
        target_sequence=sequence, emoji=emoji, remove=remove, request_id=request_id
    )


async def stored(
    person: Person, sequence: int, target: chat_pb2.Target = LOBBY
) -> chat_pb2.StoredMessage:
    """Return a message in its present state."""
    found: list[chat_pb2.StoredMessage]
    found = (await person.do("ListMessages", target=target)).messages
    return next(each for each in found if each.sequence == sequence)


async def replayed(server: Server, person: Person) -> list[chat_pb2.Event]:
    """Return the events that another stream of a person gets when it resumes from the beginning."""
    log_id = person.welcome.log_id
    async with Person(server, token=person.token, log_id=log_id, resume_after=0) as back:
        await eventually(lambda: back.of("caught_up"))
        return [event for event in back.events if event.sequence]


# ---------------------------------------------------------------- edits


async def test_an_edit_replaces_the_text_for_all(server: Server) -> None:
    """The event has the whole message, the list the edit time; nothing but the text changes."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        first = (await alice.sent("one")).sequence
        sent = (await alice.sent("two", reply_to=first)).sequence
        edited = await alice.ask(edit=edit(sent, "zwei @bob"))
        await eventually(lambda: bob.of("edited") and alice.of("edited"))
        [event] = [event for event in bob.events if event.HasField("edited")]
        assert (event.sequence, event.edited.target_sequence) == (edited.sequence, sent)
        message = event.edited.message
        assert (message.text, message.reply_to, message.room) == ("zwei @bob", first, "lobby")
        assert (message.author.name, list(message.mentioned_numbers)) == ("alice", [2])
        now = await stored(bob, sent)
        assert (now.message, now.edit_time) == (message, event.time)


async def test_the_newest_edit_counts(server: Server) -> None:
    """A later stream gets all edits in the order of the log, and the newest one counts."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("one", to(bob))).sequence
        for text in ("two", "three"):
            await alice.ask(edit=edit(sent, text))
        assert (await stored(bob, sent, to(alice))).message.text == "three"
        events = await replayed(server, bob)
        assert [e.message.text or e.edited.message.text for e in events] == ["one", "two", "three"]


async def test_only_the_author_edits(server: Server) -> None:
    """Only the author may edit; an owner of the room may not."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await make_room(alice, "cellar", bob)
        for target in (LOBBY, room("cellar"), to(alice)):
            sent = (await bob.sent("mine", target)).sequence
            assert (await alice.ask(edit=edit(sent))).reason == "NOT_ALLOWED"
        assert not alice.of("edited")


@pytest.mark.parametrize(
    ("text", "reason"), [("", "TEXT_EMPTY"), ("x" * 16385, "TEXT_TOO_LONG"), ("\0", "TEXT_INVALID")]
)
async def test_an_edit_needs_a_text_like_a_message(server: Server, text: str, reason: str) -> None:
    """An edit needs a valid text; a refused edit leaves the message unchanged."""
    async with meeting(server, "alice") as [alice]:
        sent = (await alice.sent("old")).sequence
        assert (await alice.ask(edit=edit(sent, text))).reason == reason
        assert (await stored(alice, sent)).message.text == "old"


# ---------------------------------------------------------------- deletions


async def test_a_deletion_takes_the_text_and_leaves_the_place(server: Server) -> None:
    """A deletion erases text, mentions, edits and reactions, and names who deleted."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("secret @bob", to(bob))).sequence
        await alice.ask(edit=edit(sent, "more secret @bob"))
        await bob.ask(react=react(sent))
        await alice.ask(delete_message=delete(sent))
        await eventually(lambda: bob.of("deleted") and alice.of("deleted"))
        [told] = bob.of("deleted")
        assert (told.target_sequence, told.author.name) == (sent, "alice")
        now = await stored(bob, sent, to(alice))
        assert (now.deleted, now.message.text) == (True, "")
        assert not now.message.mentioned_numbers
        assert not now.reactions
        assert not now.HasField("edit_time")
        assert (now.message.author.name, now.message.user.name) == ("alice", "bob")
        events = await replayed(server, bob)
        assert len(events) == 4
        assert "secret" not in str(events)


async def test_who_may_delete(server: Server) -> None:
    """The author may delete, and in a room its moderators and owners; nobody else."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", bob, carol)
        for target in (LOBBY, room("cellar"), to(carol)):
            sent = (await alice.sent("mine", target)).sequence
            for other in (bob, carol):
                reason = (await other.ask(delete_message=delete(sent))).reason
                hidden = target == to(carol) and other is bob
                assert reason == ("MESSAGE_NOT_FOUND" if hidden else "NOT_ALLOWED")
        for role in (MODERATOR, OWNER):
            await give(alice, "cellar", bob, role)
            sent = (await alice.sent("mine", room("cellar"))).sequence
            assert (await bob.ask(delete_message=delete(sent))).sequence > sent


async def test_nothing_is_done_to_what_is_deleted(server: Server) -> None:
    """A deleted message takes no edit, reaction or deletion; an answer may refer to it."""
    async with meeting(server, "alice") as [alice]:
        sent = (await alice.sent("gone")).sequence
        await alice.ask(delete_message=delete(sent))
        for refused in (
            await alice.ask(edit=edit(sent)),
            await alice.ask(react=react(sent)),
            await alice.ask(delete_message=delete(sent)),
        ):
            assert (refused.code, refused.reason) == (5, "MESSAGE_NOT_FOUND")
        answer = await alice.sent("an answer", reply_to=sent)
        assert (await stored(alice, answer.sequence)).message.reply_to == sent


# ---------------------------------------------------------------- reactions


async def test_reactions_are_counted_by_user(server: Server) -> None:
    """Reactions are delivered, and listed with their counts and the caller's own."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello")).sequence
        await bob.ask(react=react(sent, "👍"))
        await bob.ask(react=react(sent, "🎉"))
        await alice.ask(react=react(sent, "🎉"))
        await eventually(lambda: len(alice.of("reaction")) == 3)
        told = alice.of("reaction")[0]
        assert (told.target_sequence, told.author.name, told.emoji) == (sent, "bob", "👍")
        counts = [(r.emoji, r.user_count, r.mine) for r in (await stored(alice, sent)).reactions]
        assert counts == [("🎉", 2, True), ("👍", 1, False)]
        await bob.ask(react=react(sent, "🎉", remove=True))
        await eventually(lambda: alice.of("reaction")[-1].removed)
        counts = [(r.emoji, r.user_count, r.mine) for r in (await stored(bob, sent)).reactions]
        assert counts == [("🎉", 1, False), ("👍", 1, True)]


async def test_a_reaction_that_changes_nothing_is_not_delivered(server: Server) -> None:
    """A reaction that changes nothing is answered, but not delivered to others."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello")).sequence
        answers = [
            await bob.ask(react=react(sent)),
            await bob.ask(react=react(sent)),
            await bob.ask(react=react(sent, "🎉", remove=True)),
            await bob.ask(react=react(sent, remove=True)),
            await bob.ask(react=react(sent, remove=True)),
        ]
        assert len({answer.sequence for answer in answers}) == 5
        await bob.sent("end")
        await eventually(lambda: alice.texts)
        assert [reaction.removed for reaction in alice.of("reaction")] == [False, True]


@pytest.mark.parametrize(
    "emoji",
    [
        "👍",
        "❤️",
        "👍🏽",
        "👨🏿\u200d❤\ufe0f\u200d💋\u200d👨🏿",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "1️⃣",
        "🇩🇪",
    ],
)
async def test_any_emoji_is_a_reaction(server: Server, emoji: str) -> None:
    """Any emoji is a reaction, including one of several characters."""
    async with meeting(server, "alice") as [alice]:
        sent = (await alice.sent("hello")).sequence
        assert (await alice.ask(react=react(sent, emoji))).sequence > sent
        assert [r.emoji for r in (await stored(alice, sent)).reactions] == [emoji]


async def test_the_spellings_of_an_emoji_are_one_reaction(server: Server) -> None:
    """An emoji with and without U+FE0F is one reaction, whichever spelling adds or removes it."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello")).sequence
        await alice.ask(react=react(sent, "❤"))
        await bob.ask(react=react(sent, "❤\ufe0f"))
        await bob.ask(react=react(sent, "❤\ufe0e"))
        [counted] = (await stored(alice, sent)).reactions
        assert (counted.emoji, counted.user_count, counted.mine) == ("❤\ufe0f", 2, True)
        await alice.ask(react=react(sent, "❤\ufe0f", remove=True))
        await bob.ask(react=react(sent, "❤", remove=True))
        assert not (await stored(alice, sent)).reactions


@pytest.mark.parametrize("emoji", ["", "a", "🏽", "👍👍", "👍 ", "ok", "\0", "1", "<b>", "👍" * 9])
async def test_anything_else_is_no_reaction(server: Server, emoji: str) -> None:
    """Any other text is refused as an invalid field."""
    async with meeting(server, "alice") as [alice]:
        sent = (await alice.sent("hello")).sequence
        assert (await alice.ask(react=react(sent, emoji))).reason == "FIELD_INVALID"


# ---------------------------------------------------------------- request ids


async def test_a_repeated_change_is_done_once(server: Server) -> None:
    """A repeated change gets the first answer, even if the change is no longer possible."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello")).sequence
        first = [
            await alice.ask(edit=edit(sent, request_id="e")),
            await alice.ask(react=react(sent, request_id="r")),
            await alice.ask(delete_message=delete(sent, request_id="d")),
        ]
        again = [
            await alice.ask(edit=edit(sent, request_id="e")),
            await alice.ask(react=react(sent, request_id="r")),
            await alice.ask(delete_message=delete(sent, request_id="d")),
        ]
        assert [answer.sequence for answer in again] == [answer.sequence for answer in first]
        assert [answer.duplicate for answer in first + again] == [False] * 3 + [True] * 3
        await alice.sent("end")
        await eventually(lambda: "end" in bob.texts)
        kinds = [len(bob.of(kind)) for kind in ("edited", "reaction", "deleted")]
        assert kinds == [1, 1, 1]


async def test_a_request_id_belongs_to_one_request(server: Server) -> None:
    """A user's request id with another change is refused; another user may use the same id."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        sent = (await alice.sent("hello", request_id="x")).sequence
        for refused in (
            await alice.ask(edit=edit(sent, request_id="x")),
            await alice.ask(react=react(sent, request_id="x")),
            await alice.ask(delete_message=delete(sent, request_id="x")),
        ):
            assert (refused.code, refused.reason) == (6, "REQUEST_ID_REUSED")
        assert not (await stored(alice, sent)).deleted
        assert (await bob.ask(react=react(sent, request_id="x"))).sequence > sent


@pytest.mark.parametrize("request_id", ["x" * 65, "ä", "a\nb"])
async def test_a_change_needs_a_request_id(server: Server, request_id: str) -> None:
    """A change needs a request id, as a message on the stream does."""
    async with meeting(server, "alice") as [alice]:
        sent = (await alice.sent("hello")).sequence
        for asked in (edit(sent, request_id=request_id), react(sent, request_id=request_id)):
            kind = "edit" if isinstance(asked, chat_pb2.Edit) else "react"
            assert (await alice.ask(**{kind: asked})).reason == "REQUEST_ID_INVALID"
        await alice.write(delete_message=delete(sent))
        await eventually(lambda: len(alice.of("rejected")) == 3)
        assert alice.of("rejected")[-1].error.reason == "REQUEST_ID_INVALID"


# ---------------------------------------------------------------- answers, mentions


async def test_an_answer_is_to_a_message_that_its_author_may_read(server: Server) -> None:
    """An answer may refer only to a message that its author may read."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", carol)
        inside = (await alice.sent("inside", room("cellar"))).sequence
        direct = (await alice.sent("to carol", to(carol))).sequence
        joining = inside - 1
        for sequence in (inside, direct, joining, 10**9):
            refused = await bob.sent("what?", reply_to=sequence)
            assert (refused.code, refused.reason) == (5, "MESSAGE_NOT_FOUND")
            fields = {"target": LOBBY, "text": "what?", "reply_to": sequence}
            assert await bob.refused("SendTo", **fields) == "MESSAGE_NOT_FOUND"
        assert await bob.refused("SendTo", target=LOBBY, text="x", reply_to=-1) == "FIELD_INVALID"
        for sequence in (inside, direct):
            assert (await carol.sent("aside", to(alice), reply_to=sequence)).sequence > sequence


MENTIONS = [
    ("@bob", [2]),
    ("@Bob, @ALICE!", [2, 1]),
    ("hey @bob.", [2]),
    ("(@bob)", [2]),
    ("@bob's", [2]),
    ("@bob…", [2]),
    ("“@bob”", [2]),
    ("*@bob*", [2]),
    ("@bob@alice", [2]),
    ("@bob @bob", [2]),
    ("@bob。hello", [2]),
    ("@bobby @bo", []),
    ("bob alice@bob", []),
    ("@ bob @@ @", []),
    ("@有栖、hello", [3]),
    ("你好@有栖！", [3]),
    ("@हिन्दी।", [4]),
    ("@nobody @bob", [2]),
]


@pytest.mark.parametrize(("text", "numbers"), MENTIONS)
async def test_who_is_mentioned(server: Server, text: str, numbers: list[int]) -> None:
    """Each mentioned user is listed once, in any case; an address mentions nobody."""
    async with meeting(server, "alice", "bob", "有栖", "हिन्दी") as [alice, *_]:
        sent = (await alice.sent(text)).sequence
        assert list((await stored(alice, sent)).message.mentioned_numbers) == numbers


async def test_members_are_mentioned_and_others_are_not(server: Server) -> None:
    """A room mentions its members, connected or not; a direct conversation its two sides."""
    async with meeting(server, "alice", "bob", "carol") as [alice, bob, carol]:
        await make_room(alice, "cellar", carol)
        await carol.__aexit__()
        await eventually(lambda: server.stream_count == 2)
        text = "@alice @bob @carol"
        for target, numbers in ((room("cellar"), [1, 3]), (to(bob), [1, 2])):
            sent = (await alice.sent(text, target)).sequence
            message = (await stored(alice, sent, target)).message
            assert list(message.mentioned_numbers) == numbers
            await alice.ask(edit=edit(sent, text + "!"))
            message = (await stored(alice, sent, target)).message
            assert list(message.mentioned_numbers) == numbers


async def test_everybody_in_the_lobby_is_mentioned_connected_or_not(server: Server) -> None:
    """In the lobby a name means its newest user; name and number mean anyone."""
    async with meeting(server, "alice", "bob") as [alice, bob]:
        await bob.__aexit__()
        await eventually(lambda: server.stream_count == 1)
        for text, numbers in (("@bob", [2]), ("@bob#2 @bob#1 @bob#3", [2])):
            sent = (await alice.sent(text)).sequence
            assert list((await stored(alice, sent)).message.mentioned_numbers) == numbers
            await alice.ask(edit=edit(sent, f"no {text}"))
            assert list((await stored(alice, sent)).message.mentioned_numbers) == numbers
        sent = (await alice.do("SendTo", target=LOBBY, text="@bob")).sequence
        assert list((await stored(alice, sent)).message.mentioned_numbers) == [2]


async def test_mentions_over_the_limit_are_ignored(server: Server) -> None:
    """Mentions beyond the limit are ignored, and the longest text is processed in bounded time."""
    async with meeting(server, "alice", "bob") as [alice, _]:
        names = " ".join(f"@x{n}" for n in range(limits.MAX_MENTIONS - 1))
        for text, numbers in ((f"{names} @bob", [2]), (f"{names} @alice @bob", [1])):
            sent = (await alice.sent(text)).sequence
            assert list((await stored(alice, sent)).message.mentioned_numbers) == numbers
