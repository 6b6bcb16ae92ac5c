"""A state machine compares a journal with the model, over any sequence of requests."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from journal.asking import TIME, Ask, delete, edit, react, read, room, say
from journal.faulty_vfs import faulty
from journal.life import copy_files
from journal.model import Kept, Model
from journal.opened import Opened, opened
from support import store_of

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
from chat_grpc.core.clock import Moment
from chat_grpc.core.entry import MESSAGE, Entry, RequestKey
from chat_grpc.core.history import events_of
from chat_grpc.core.intake import direct_channels
from chat_grpc.core.stream import FOREVER, Range
from chat_grpc.core.user import User
from chat_grpc.core.words import channel_word, place_words
from chat_grpc.journal import ages, pruning
from chat_grpc.journal.check import check
from chat_grpc.v1 import chat_pb2

MOST_USERS = 5
CHANGES_A_COMMIT = 4
"""Changes of rooms that fill a transaction; see `journal.backlog`."""
ROOMS = ["Red", "Blue"]
WORDS = ["tea", "rain", "sun", "coffee", "storm"]
EMOJI = ["👍", "🎉"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
SEQUENCES = st.integers(0, 60)
LIMITS = st.integers(1, 20)


class JournalMachine(RuleBasedStateMachine):
    """Make the same requests to a journal and to the model."""

    kept = True

    def __init__(self) -> None:
        super().__init__()
        self._folders = tempfile.TemporaryDirectory()
        self._names = (Path(self._folders.name) / f"{number}" for number in itertools.count())
        self._folder = next(self._names) if self.kept else None
        self._runner = asyncio.Runner()
        self._life = AsyncExitStack()
        self._this: Opened
        self._model = Model()
        self._asked: list[Ask] = []
        self._running = 0
        self._open()

    def _open(self) -> None:
        # A VFS without real syncs: no power is cut here, and there are thousands of commits.
        disk = self._life.enter_context(faulty())
        journal = opened(self._folder, vfs=disk.name)
        self._this = self._runner.run(self._life.enter_async_context(journal))

    def _close(self) -> None:
        self._runner.run(self._life.aclose())

    def teardown(self) -> None:
        """Compare everything once more, and close the journal."""
        try:
            self._all_is_there()
        finally:
            self._close()
            self._runner.close()
            self._folders.cleanup()

    # ------------------------------------------------------------ writing

    @initialize()
    def three_arrive(self) -> None:
        """Add the first three users."""
        self.arrive(3)

    @precondition(lambda self: len(self._model.users) < MOST_USERS)
    @rule(count=st.integers(1, 2))
    def arrive(self, count: int) -> None:
        """Several guests arrive at once."""
        self._runner.run(self._arrive(count))

    async def _arrive(self, count: int) -> None:
        there, journal = len(self._model.users), self._this.journal
        names = [f"Guest{there + number}" for number in range(1, count + 1)]
        users = await asyncio.gather(
            *(journal.add_guest(name, name.lower(), name.encode()) for name in names)
        )
        self._model.join(users, journal.head)

    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        """Several requests arrive at once, and share transactions."""
        asks: list[Ask] = []
        for _ in range(data.draw(st.integers(1, 6))):
            asks.append(self._draw(data, [*self._asked, *asks]))
        for ask, entry in self._runner.run(self._answers(asks)):
            self._model.take(ask, entry)
        assert self._this.journal.head == self._model.head
        self._asked += asks

    async def _answers(self, asks: list[Ask]) -> list[tuple[Ask, Entry]]:
        """Append the commands, and return each with its entry in the order of the log."""
        this = self._this
        before, transactions = len(this.back), this.transactions
        entries = [this.ask(ask) for ask in asks]
        while len(this.back) < before + len(entries):
            await asyncio.sleep(0.0005)
        changes = sum(isinstance(ask.change, RoomRequest) for ask in asks)
        assert 1 <= this.transactions - transactions <= 1 + changes // CHANGES_A_COMMIT
        back = this.back[before:]
        for author in self._model.users:
            mine = [e for e in entries if e.command.author == author.number]
            assert [e for e in back if e.command.author == author.number] == mine
        asked = dict(zip(entries, asks, strict=True))
        return [(asked[entry], entry) for entry in back]

    def _draw(self, data: st.DataObject, asked: list[Ask]) -> Ask:
        if asked and data.draw(st.integers(0, 4)) == 0:
            return data.draw(st.sampled_from(asked))
        ask = self._new(data)
        # Few request ids, so that some are used again for other requests.
        return replace(ask, request_id=data.draw(st.sampled_from(["", *map(str, range(40))])))

    def _new(self, data: st.DataObject) -> Ask:
        author = self._user(data)
        messages = [s for s, row in self._model.rows.items() if row.kind == MESSAGE]
        kinds: list[Callable[[st.DataObject, User, list[int]], Ask]]
        kinds = [self._say, self._say, self._room, self._room, self._room, self._read]
        if messages:
            kinds += [self._edit, self._delete, self._react, self._react]
        return data.draw(st.sampled_from(kinds))(data, author, messages)

    def _user(self, data: st.DataObject) -> User:
        return data.draw(st.sampled_from(self._model.users))

    def _say(self, data: st.DataObject, author: User, _: list[int]) -> Ask:
        to = data.draw(self._targets(*ROOMS, "lobby", "lobby"))
        return say(author, to, data.draw(TEXTS))

    def _targets(self, *rooms: str) -> st.SearchStrategy[User | str]:
        return st.one_of(st.sampled_from(rooms), st.sampled_from(self._model.users))

    def _edit(self, data: st.DataObject, author: User, messages: list[int]) -> Ask:
        row = self._model.rows[data.draw(st.sampled_from(messages))]
        return edit(author, row.event, row.channels, data.draw(TEXTS))

    def _delete(self, data: st.DataObject, author: User, messages: list[int]) -> Ask:
        row = self._model.rows[data.draw(st.sampled_from(messages))]
        return delete(author, row.event.sequence, row.channels)

    def _react(self, data: st.DataObject, author: User, messages: list[int]) -> Ask:
        row = self._model.rows[data.draw(st.sampled_from(messages))]
        emoji, remove = data.draw(st.sampled_from(EMOJI)), data.draw(st.booleans())
        return react(author, row.event.sequence, row.channels, emoji, remove=remove)

    def _read(self, data: st.DataObject, author: User, _: list[int]) -> Ask:
        # The intake lets no others mark a room as read.
        red = self._model.rooms.get("red")
        rooms = ["Red"] if red is not None and author.number in red.roles else []
        to = data.draw(self._targets("lobby", *rooms))
        return read(author, to, data.draw(st.integers(0, self._model.head)))

    def _room(self, data: st.DataObject, author: User, _: list[int]) -> Ask:
        name, subject = data.draw(st.sampled_from(ROOMS)), self._user(data)
        key, topic = name.lower(), data.draw(st.sampled_from(["", "weather"]))
        invite_only, kept = data.draw(st.booleans()), self._model.rooms.get(key)
        requests: list[RoomRequest] = [CreateRoom(key, name, topic, invite_only)]
        if kept is not None:
            if data.draw(st.booleans()):  # most requests by other users are refused
                author = data.draw(st.sampled_from([self._numbered(n) for n in sorted(kept.roles)]))
            role = data.draw(st.integers(0, 4))
            requests += [JoinRoom(key), LeaveRoom(key), Invite(key, subject)]
            requests += [UpdateRoom(key, topic, None), UpdateRoom(key, None, invite_only)]
            requests += [SetRole(key, subject, role), Invite(key, subject), JoinRoom(key)]
            requests += [DeleteRoom(key)]
        return room(author, data.draw(st.sampled_from(requests)))

    # ------------------------------------------------------------ what is not kept

    @precondition(lambda self: self._model.rows)
    @rule(data=st.data())
    def retain(self, data: st.DataObject) -> None:
        """Drop the oldest events, up to any sequence."""
        last = data.draw(st.sampled_from(sorted(self._model.rows)))
        self._this.journal.kept_from(last + 1)
        self._runner.run(self._upkeep(partial(pruning.prune, last=last)))
        self._model.drop(last)

    @rule()
    def remove_superseded(self) -> None:
        """Remove the events of superseded read markers from the log."""
        self._running += ages.AGE_EVERY
        moment = Moment(self._running, TIME)
        self._runner.run(self._upkeep(partial(ages.note, now=moment)))
        self._runner.run(self._upkeep(partial(pruning.remove_superseded, than=moment)))
        self._model.drop_superseded()

    async def _upkeep(self, step: Callable[[apsw.Connection], object]) -> None:
        await self._this.journal.with_writer(step)

    # ------------------------------------------------------------ ends

    @precondition(lambda self: self._folder is not None)
    @rule()
    def reopen(self) -> None:
        """Close and reopen the journal; the full check finds no fault."""
        assert self._folder is not None
        self._close()
        assert check(store_of(self._folder)) == []
        self._open()
        self._all_is_there()

    @precondition(lambda self: self._folder is not None)
    @rule()
    def crash(self) -> None:
        """Kill the journal: reopen copies of its present files, and abandon it."""
        old, self._folder = self._folder, next(self._names)
        assert old is not None
        copy_files(old, self._folder)
        self._close()
        self._open()
        self._all_is_there()

    # ------------------------------------------------------------ reading

    @rule(data=st.data())
    def page(self, data: st.DataObject) -> None:
        """Read any ranges of the log, and the events that a user may see in them."""
        after, up_to = sorted(data.draw(st.tuples(SEQUENCES, SEQUENCES)))
        user = self._user(data)
        channels = data.draw(
            st.sets(st.sampled_from(["#lobby", "#red", "#blue", f"@{user.number}"]))
        )
        # A change of a user's membership is in two channels: see `Stream.ranges`.
        ranges = [(c, after, up_to) for c in channels] if len({c[0] for c in channels}) < 2 else []
        self._runner.run(self._same_page(ranges or self._ranges(user, after, up_to), after, up_to))

    def _ranges(self, user: User, after: int, up_to: int) -> list[Range]:
        """Return the ranges of a user's stream, as `Stream.wanted` does."""
        ranges = [("#lobby", 0, FOREVER), (f"@{user.number}", 0, FOREVER)]
        ranges += self._model.past(user, 0)
        for key, kept in self._model.rooms.items():
            if user.number in kept.roles:
                ranges.append((f"#{key}", kept.since[user.number], FOREVER))
        return [
            (channel, max(after, low), min(up_to, high))
            for channel, low, high in ranges
            if high > after and low < up_to
        ]

    async def _same_page(self, ranges: list[Range], after: int, up_to: int) -> None:
        found: list[chat_pb2.Event] = []
        while after < up_to:
            page = await self._this.journal.read(ranges, after, up_to)
            assert page.last > after
            found += events_of(page.encoded)
            after = page.last
        assert found == self._model.page(ranges)

    @rule(data=st.data(), before=SEQUENCES, after=SEQUENCES, limit=LIMITS)
    def messages(self, data: st.DataObject, before: int, after: int, limit: int) -> None:
        """List the messages of a conversation in their present state."""
        reader, other = self._user(data), self._user(data)
        channels = data.draw(
            st.sampled_from([("#lobby",), ("#red",), direct_channels(reader, other)])
        )
        found = self._runner.run(
            self._this.journal.history.messages(
                channels, reader, before=before, after=after, limit=limit
            )
        )
        sequences = self._model.conversation(channels, before, after)[:limit]
        assert found == self._model.described(sequences, reader)

    @rule(data=st.data(), before=SEQUENCES, limit=LIMITS)
    def search(self, data: st.DataObject, before: int, limit: int) -> None:
        """Search for words in some conversations."""
        reader, other = self._user(data), self._user(data)
        words = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
        channels = [("#lobby",), ("#red",), direct_channels(reader, other)]
        options = [*map(place_words, channels), channel_word(f"@{reader.number}")]
        places = data.draw(st.lists(st.sampled_from(options), min_size=1, max_size=3))
        found = self._runner.run(
            self._this.journal.history.search(
                " ".join(words), places, reader, before=before, limit=limit
            )
        )
        sequences = self._model.with_words(words, places, before)[:limit]
        assert found.messages == self._model.described(sequences, reader)

    @rule(data=st.data(), limit=st.integers(1, 4))
    def conversations(self, data: st.DataObject, limit: int) -> None:
        """List conversations page by page."""
        self._runner.run(self._same_conversations(self._user(data), limit))

    async def _same_conversations(self, reader: User, limit: int) -> None:
        red = self._model.rooms.get("red")
        rooms = {"#lobby": 0, "#red": red.created if red is not None else 0}
        after, found = (FOREVER, ""), []
        while page := await self._this.journal.history.conversations(
            reader, rooms, head=self._model.head, after=after, limit=limit
        ):
            for each in page:
                sequences = [each.position] if each.position else []
                last = [each.last] if each.last is not None else []
                assert last == self._model.described(sequences, reader)
                assert each.other == (
                    self._numbered(int(each.name[1:])) if each.name[0] == "@" else None
                )
                found.append((each.name, each.position, each.read, each.unread))
            after = (page[-1].position, page[-1].name)
        assert found == self._model.conversations(reader, rooms)

    def _numbered(self, number: int) -> User:
        return self._model.users[number - 1]

    def _all_is_there(self) -> None:
        self._runner.run(self._same())

    async def _same(self) -> None:
        journal, model = self._this.journal, self._model
        assert (journal.head, journal.oldest) == (model.head, model.oldest)
        everything = [(channel, 0, model.head) for channel in ("#lobby", "#red", "#blue")]
        await self._same_page(everything, 0, model.head)
        for user in model.users:
            await self._same_page([(f"@{user.number}", 0, model.head)], 0, model.head)
            assert await journal.user_by_number(user.number) == user
            assert await journal.user_by_key(user.key) == user
            assert await journal.user_by_token(user.name.encode()) == user
            assert sorted(await journal.history.past(user, 0)) == model.past(user, 0)
        for (author, request_id), (_, sequence) in model.requests.items():
            asked = next(a for a in self._asked if self._made(a, author, request_id, sequence))
            key = RequestKey(request_id, asked.digest)
            first, _ = await journal.history.first_answer(self._numbered(author), key)
            assert first == sequence
        assert await self._rooms() == model.rooms

    def _made(self, ask: Ask, author: int, request_id: str, sequence: int) -> bool:
        what, first = self._model.requests[author, request_id]
        key = (ask.author.number, ask.request_id, ask.what)
        return key == (author, request_id, what) and first == sequence

    async def _rooms(self) -> dict[str, Kept]:
        found = {}
        for each in await self._this.journal.rooms():
            kept = found[each.key] = Kept(each.name, each.topic, each.invite_only)
            kept.roles = {number: member.role for number, member in each.members.items()}
            kept.since = {number: member.since for number, member in each.members.items()}
            model = self._model.rooms[each.key]
            kept.invited, kept.past, kept.last = each.invited, model.past, model.last
            kept.created = each.created
        return found


class MemoryMachine(JournalMachine):
    """Make the same requests to a journal in memory."""

    kept = False


@pytest.mark.timeout(400)  # minimizing a failure takes up to 300 s
@pytest.mark.parametrize("machine", [JournalMachine, MemoryMachine])
def test_a_journal_does_what_the_model_does(machine: type[JournalMachine]) -> None:
    """Any sequence of requests, duplicates, restarts and crashes has the outcomes of the model."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
