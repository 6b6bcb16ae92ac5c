"""Run the server with a bug planted in it: `python planted_server.py PLANT serve …`.

All plants are in this file; the server has no hooks for them. The checker must find each bug. The
plant `none` changes nothing. The options of `conditions.py` may stand before PLANT.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from chat_grpc.app.account_eraser import AccountEraser
from chat_grpc.core.blocks import Blocks
from chat_grpc.core.delivery import Live
from chat_grpc.core.entry import NO_KEY, Entry, RequestKey, Waiter
from chat_grpc.core.events import encode, encode_sent
from chat_grpc.core.fan_out import FanOut
from chat_grpc.core.hub import Hub
from chat_grpc.core.intake import Intake
from chat_grpc.core.parts import Passing, Stored
from chat_grpc.core.stream import LOBBY_CHANNEL, Stream
from chat_grpc.core.subscriptions import Subscriptions
from chat_grpc.core.supervision import UNSUPERVISED, Supervisor
from chat_grpc.core.user import User
from chat_grpc.journal import apply, apply_blocks, sqlite
from chat_grpc.journal import batch as batches
from chat_grpc.journal.batch import Batch
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.journal.store import Store
from chat_grpc.v1 import chat_pb2

SLOW_DISK = 0.02
"""The shortest time of a commit, in seconds."""


def slow_disk() -> None:
    """Slow down commits. This is not a bug, but gives bugs around commits time to show."""
    commit = Store.commit

    def slow(self: Store, batch: Batch) -> None:
        time.sleep(SLOW_DISK)
        commit(self, batch)

    Store.commit = slow  # type: ignore[method-assign]


def _before_commit(early: Callable[[Sequence[Entry]], None], late: Callable[[Entry], bool]) -> None:
    """Handle new messages before their commit by `early`; `late` picks those for afterwards."""
    slow_disk()
    number, start = batches.number, SqliteJournal.open

    def numbered(batch: Batch, last: int) -> int:
        last = number(batch, last)
        early([entry for entry in batch.entries if entry.command.change is None])
        return last

    async def opened(
        self: SqliteJournal,
        committed: Callable[[Sequence[Entry]], None],
        supervisor: Supervisor = UNSUPERVISED,
    ) -> None:
        await start(self, lambda entries: committed([e for e in entries if late(e)]), supervisor)

    sqlite.number = numbered  # type: ignore[attr-defined]
    SqliteJournal.open = opened  # type: ignore[method-assign]


def deliver_before_commit() -> None:
    """Fan messages out before their commit."""
    delivered: set[int] = set()

    def deliver(entries: Sequence[Entry]) -> None:
        delivered.update(entry.outcome.sequence for entry in entries)
        _hub().deliver(entries)

    _remember_hub()
    _before_commit(deliver, lambda entry: entry.outcome.sequence not in delivered)


def answer_before_commit() -> None:
    """Answer `sent` before the commit."""
    answered: set[int] = set()

    def answer(entries: Sequence[Entry]) -> None:
        for entry in entries:
            stream = entry.waiter.stream if entry.waiter is not None else None
            if stream is not None and stream in _hub().streams:
                sequence, command = entry.outcome.sequence, entry.command
                answered.add(sequence)
                request_id = command.key.request_id.encode()
                sent = encode_sent(request_id, sequence, command.time, duplicate=False)
                _hub().tell(stream, sent)

    def not_again(entry: Entry) -> bool:
        if entry.outcome.sequence in answered:
            entry.command = entry.command._replace(key=NO_KEY)
        return True

    _remember_hub()
    _before_commit(answer, not_again)


def forget_a_commit() -> None:
    """Report one batch of twenty as committed without storing it."""
    commit, batches = Store.commit, count(1)

    def forgetful(self: Store, batch: Batch) -> None:
        if next(batches) % 20 or batch.guests or any(e.command.change for e in batch.entries):
            commit(self, batch)
        else:
            batch.last = max((entry.outcome.sequence for entry in batch.entries), default=0)

    Store.commit = forgetful  # type: ignore[method-assign]


def _resume_at(place: Callable[[int], int]) -> None:
    begin = Hub.begin

    def begun(self: Hub, stream: Stream, after: int | None) -> None:
        begin(self, stream, place(after) if after else after)

    Hub.begin = begun  # type: ignore[method-assign]


def resume_skips_one() -> None:
    """Resume one event too late."""
    _resume_at(lambda after: after + 1)


def resume_repeats_one() -> None:
    """Resume one event too early."""
    _resume_at(lambda after: after - 1)


def caught_up_too_early() -> None:
    """Send `caught_up` before the missed events."""
    begin = Hub.begin

    def begun(self: Hub, stream: Stream, after: int | None) -> None:
        event = chat_pb2.Event(caught_up=chat_pb2.CaughtUp(head_sequence=self.head))
        self.tell(stream, encode(event))
        begin(self, stream, after)

    Hub.begin = begun  # type: ignore[method-assign]


def drop_on_overflow() -> None:
    """Drop the queue of a stream that fell behind, and leave the stream live."""

    def fall_behind(self: FanOut, streams: Iterable[Stream]) -> None:
        for stream in streams:
            stream.delivery.fall_behind(self.head)
            stream.delivery.state = Live(self.feed.end)

    FanOut._fall_behind = fall_behind  # type: ignore[method-assign]


def ignore_request_ids() -> None:
    """Ignore request ids: store a repeated message again."""
    submit, deliver, calls = Intake.submit, Hub.deliver, count(1)

    def submitted(
        self: Intake,
        waiter: Waiter,
        author: User,
        to: User | str,
        text: str,
        reply_to: int,
        key: RequestKey,
        mentioned: Sequence[int] = (),
    ) -> None:
        unique = RequestKey(f"{key.request_id}#{next(calls)}", key.digest)
        submit(self, waiter, author, to, text, reply_to, unique, mentioned)

    def delivered(self: Hub, entries: Sequence[Entry]) -> None:
        for entry in entries:
            request_id, digest = entry.command.key
            key = RequestKey(request_id.partition("#")[0], digest)
            entry.command = entry.command._replace(key=key)
        deliver(self, entries)

    Intake.submit = submitted  # type: ignore[method-assign]
    Hub.deliver = delivered  # type: ignore[method-assign]


def left_members_listen_on() -> None:
    """Deliver a room's events to members who left."""
    Subscriptions._leave = lambda *_: None  # type: ignore[method-assign]
    Stream.left = lambda *_: None  # type: ignore[method-assign]


def everyone_sees_directs() -> None:
    """Deliver direct messages to everyone."""
    followers = Subscriptions.followers

    def all_follow(self: Subscriptions, channels: Sequence[str]) -> Collection[Stream]:
        return list(_hub().streams) if channels[0][0] == "@" else followers(self, channels)

    _remember_hub()
    Subscriptions.followers = all_follow  # type: ignore[assignment, method-assign]


def swap_two() -> None:
    """Swap two events of one batch."""
    deliver = Hub.deliver

    def swapped(self: Hub, entries: Sequence[Entry]) -> None:
        stored = [e for e in entries if e.outcome.stored and not e.command.change]
        lobby = [e.outcome for e in stored if e.outcome.channels == (LOBBY_CHANNEL,)]
        if len(lobby) > 1:
            one, other = lobby[-2:]
            one.encoded, other.encoded = other.encoded, one.encoded
        deliver(self, entries)

    Hub.deliver = swapped  # type: ignore[method-assign]


def echo() -> None:
    """Deliver a stream's own messages to it."""
    to_all = FanOut.to_all

    def to_all_of_them(self: FanOut, part: Stored | Passing, but: Collection[Stream] = ()) -> None:
        to_all(self, part, () if isinstance(part, Stored) else but)

    FanOut.to_all = to_all_of_them  # type: ignore[method-assign]


def keep_deleted_texts() -> None:
    """Keep the text of a deleted message in the store."""
    apply.blanked = lambda body: body  # type: ignore[attr-defined]


def ignore_blocks() -> None:
    """Look at no block list when a message is written."""
    Blocks.check = lambda *_: None  # type: ignore[method-assign]
    apply_blocks.refusal = lambda *_: None  # type: ignore[attr-defined]


def keep_the_messages_of_the_departed() -> None:
    """Delete no message of a deleted account."""

    async def kept(*_: Any) -> None:
        pass

    AccountEraser._erase_messages = kept  # type: ignore[assignment,method-assign]


def jumping_clock() -> None:
    """Let the time of day jump by up to an hour, back and forth. This is not a bug."""
    now, chance = time.time_ns, random.Random(8)
    jumps = [chance.randint(-3600, 3600) * 1_000_000_000 for _ in range(1000)]
    time.time_ns = lambda: now() + jumps[int(time.monotonic() * 5) % 1000]


_HUBS: list[Hub] = []


def _hub() -> Hub:
    return _HUBS[-1]


def _remember_hub() -> None:
    init = Hub.__init__

    def remembered(self: Hub, **options: Any) -> None:
        init(self, **options)
        _HUBS.append(self)

    Hub.__init__ = remembered  # type: ignore[method-assign]


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        answer_before_commit,
        caught_up_too_early,
        deliver_before_commit,
        drop_on_overflow,
        echo,
        everyone_sees_directs,
        forget_a_commit,
        ignore_blocks,
        ignore_request_ids,
        jumping_clock,
        keep_deleted_texts,
        keep_the_messages_of_the_departed,
        left_members_listen_on,
        resume_repeats_one,
        resume_skips_one,
        slow_disk,
        swap_two,
    )
}


def none() -> None:
    """Change nothing."""


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from torture.conditions import parse

    from chat_grpc.__main__ import main

    conditions, sys.argv[1:] = parse(sys.argv[1:])
    conditions.apply()
    (PLANTS | {"none": none})[sys.argv.pop(1)]()
    main()
