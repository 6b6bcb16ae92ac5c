"""A model of server, connection and program around one real `Session`.

Each step is one thing that can happen: an event is stored, a request is read, a few events reach
the client, the stream falls behind, the connection or the log is lost. Then the events that the
program got are compared with the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chat_grpc.client.inbox import Inbox, Position
from chat_grpc.client.requests import Request, make_edit, make_send
from chat_grpc.client.session import Session
from chat_grpc.v1 import chat_pb2

ME, OTHER = 1, 2


@dataclass
class Log:
    """The contents of one store."""

    name: str
    first: int
    """The head when the client first connected to the log."""
    events: dict[int, chat_pb2.Event] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    """The sequence of each request's event, by request_id."""
    head: int = 0
    oldest: int = 1

    def store(self, author: int, gap: int, *, edit: bool = False) -> int:
        """Store a message or an edit; return its sequence."""
        self.head += 1 + gap
        message = chat_pb2.Message(author=chat_pb2.Author(number=author), room="lobby")
        event = chat_pb2.Event(sequence=self.head)
        if edit:
            event.edited.message.CopyFrom(message)
        else:
            event.message.CopyFrom(message)
        self.events[self.head] = event
        return self.head


class Wire:
    """An open stream, from the server's side."""

    def __init__(self, after: int) -> None:
        self.requests: list[chat_pb2.ConnectRequest] = []
        """Requests that the client wrote and the server has not read."""
        self.outbox: list[chat_pb2.Event] = []
        """Events that the client has not read."""
        self.after: int | None = after
        """The last sequence sent while catching up; None while live."""
        self.fell_behind = False
        self.own: set[int] = set()

    async def write(self, request: chat_pb2.ConnectRequest) -> None:
        """Keep a request."""
        self.requests.append(request)


class World:
    """The whole model. Each of `steps` can happen at any time; a number selects its variant."""

    def __init__(self) -> None:
        self.session = Session(name="alice", token="", device_id="d", agent="a")
        self.session.inbox = Inbox(1500, 3000)
        self.log = Log("log-0", 0)
        self.logs = [self.log]
        self.wire: Wire | None = None
        self.taken: list[chat_pb2.Event] = []
        self.made: dict[tuple[str, int], str] = {}
        """The request that made a sequence, by log and sequence."""
        self.answered: dict[str, tuple[str, int]] = {}
        """The log and sequence of the answer that came, by request."""
        self.asked: dict[str, asyncio.Task[chat_pb2.Sent]] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._wanted = 0
        self._taking: asyncio.Task[chat_pb2.Event] | None = None
        self.steps: list[Callable[[int], None]] = [
            lambda n: self._store(OTHER, n),
            lambda n: self._store(OTHER, n),
            lambda n: self._store(ME, n),
            self._ask,
            self._ask,
            self._read_requests,
            self._read_requests,
            self._catch_up,
            self._catch_up,
            self._deliver,
            self._deliver,
            self._deliver,
            self._take,
            self._take,
            self._fall_behind,
            self._repeat,
            self._lose_connection,
            self._truncate,
            self._lose_log,
        ]

    # ------------------------------------------------------------ the server

    def _store(self, author: int, n: int) -> None:
        self._publish(self.log.store(author, n % 3, edit=n % 2 == 0), sender=None)

    def _publish(self, sequence: int, sender: Wire | None) -> None:
        wire, event = self.wire, self.log.events[sequence]
        if wire is None or wire.after is not None:
            return
        if wire is not sender or not event.HasField("message"):
            wire.outbox.append(copied(event))

    def _read_requests(self, n: int) -> None:
        for _ in range(min(n % 4 + 1, len(self.wire.requests) if self.wire else 0)):
            assert self.wire is not None
            request = self.wire.requests.pop(0)
            kind = request.WhichOneof("request")
            if kind in ("send", "edit"):
                self._carry_out(self.wire, kind, getattr(request, kind).request_id, n)

    def _carry_out(self, wire: Wire, kind: str, request_id: str, n: int) -> None:
        answer = chat_pb2.Event()
        first = self.log.answers.get(request_id)
        if first is not None:
            answer.sent.CopyFrom(
                chat_pb2.Sent(request_id=request_id, sequence=first, duplicate=True)
            )
        elif n % 7 == 0:
            answer.rejected.request_id = request_id
        else:
            made = self.log.answers[request_id] = self.log.store(ME, n % 2, edit=kind == "edit")
            self.made[self.log.name, made] = request_id
            if kind == "send":
                wire.own.add(made)
            self._publish(made, sender=wire)
            answer.sent.CopyFrom(chat_pb2.Sent(request_id=request_id, sequence=made))
        wire.outbox.append(answer)

    def _catch_up(self, n: int) -> None:
        wire, log = self.wire, self.log
        if wire is None or wire.after is None:
            return
        missing = [s for s in sorted(log.events) if s > wire.after and s >= log.oldest]
        page = missing[: n % 5 + 1]
        wire.outbox += [copied(log.events[s]) for s in page if s not in wire.own]
        if page != missing:
            wire.after = page[-1]
            return
        caught_up = chat_pb2.CaughtUp(head_sequence=log.head, fell_behind=wire.fell_behind)
        wire.outbox.append(chat_pb2.Event(caught_up=caught_up))
        wire.after, wire.fell_behind = None, False
        wire.own.clear()

    def _fall_behind(self, n: int) -> None:
        """Drop events at the end of the outbox, which the log still has, but no answers."""
        wire = self.wire
        if wire is None or wire.after is not None:
            return
        kept, rest = wire.outbox[: n % 4], wire.outbox[n % 4 :]
        dropped = [event.sequence for event in rest if event.sequence]
        if any(event.HasField("welcome") for event in rest):
            return
        wire.after = min(dropped) - 1 if dropped else self.log.head
        wire.fell_behind = True
        answers = ("sent", "rejected")
        wire.outbox = kept + [event for event in rest if event.WhichOneof("event") in answers]

    def _repeat(self, n: int) -> None:
        """Send an old event again, as a faulty server might."""
        old = [s for s in self.log.events if s <= self.session.inbox.received.sequence]
        if self.wire is not None and old:
            self.wire.outbox.insert(
                n % (len(self.wire.outbox) + 1), copied(self.log.events[old[n % len(old)]])
            )

    def _truncate(self, n: int) -> None:
        if n % 3 == 0 and self.wire is None:
            self.log.oldest = max(self.log.oldest, self.log.head - n % 5)

    def _lose_log(self, n: int) -> None:
        if n % 10:
            return
        self._lose_connection(0)
        old, self.log = self.log, Log(f"log-{len(self.logs)}", 0)
        self.logs.append(self.log)
        if n % 20:  # an older copy of the log, instead of an empty one
            self.log.head = old.head // 2
            self.log.events = {s: e for s, e in old.events.items() if s <= self.log.head}
            self.log.answers = {i: s for i, s in old.answers.items() if s <= self.log.head}
            self.made |= {(self.log.name, s): i for i, s in self.log.answers.items()}
        for _ in range(n % 3 * 5):
            self.log.store(OTHER, 1)

    # ------------------------------------------------------------ the client

    def _lose_connection(self, _: int) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self.wire = None

    def connect(self) -> None:
        """Open a stream, as the server's `Connect` does."""
        session, log = self.session, self.log
        hello = session.hello()
        after, recovery = hello.resume_after, chat_pb2.RECOVERY_COMPLETE
        if not hello.log_id:
            after, recovery = log.head, chat_pb2.RECOVERY_FRESH
        elif hello.log_id != log.name or after > log.head:
            after, recovery = log.head, chat_pb2.RECOVERY_OTHER_LOG
        elif after + 1 < log.oldest:
            recovery = chat_pb2.RECOVERY_TRUNCATED
        if recovery in (chat_pb2.RECOVERY_FRESH, chat_pb2.RECOVERY_OTHER_LOG):
            log.first = log.head
        self.wire = Wire(after)
        welcome = chat_pb2.Welcome(
            client=chat_pb2.Client(number=ME),
            log_id=log.name,
            head_sequence=log.head,
            recovery=recovery,
            oldest_sequence=log.oldest,
        )
        self.wire.outbox.append(chat_pb2.Event(welcome=welcome))
        greeted = self._greeted = asyncio.Event()
        write = session.outgoing.write(self.wire, hello, greeted)
        self._tasks = [
            asyncio.create_task(write),
            asyncio.create_task(session.inbox.overflow()),
        ]

    def _deliver(self, n: int) -> None:
        if self.wire is None:
            self.connect()
        assert self.wire is not None
        for _ in range(min(n % 6 + 1, len(self.wire.outbox))):
            event = self.wire.outbox.pop(0)
            self.session.take(event)
            if event.HasField("welcome"):
                self._greeted.set()
            if event.HasField("sent"):
                answer = (self.log.name, event.sent.sequence)
                self.answered.setdefault(event.sent.request_id, answer)
        if self._tasks[1].done():  # overflow: the stream must be opened again
            self._lose_connection(0)

    # ------------------------------------------------------------ the program

    def _ask(self, n: int) -> None:
        request_id = f"r{len(self.asked)}"
        request: Request = make_send("x" * (n % 300 + 1), None, 0, request_id)
        if n % 3 == 0:
            request = make_edit(1, "y", request_id)
        self.asked[request_id] = asyncio.create_task(self.session.outgoing.ask(request))

    def _take(self, n: int) -> None:
        self._wanted = n % 5 + 1

    async def settle(self) -> None:
        """Let every task run as far as it can."""
        for _ in range(6):
            await asyncio.sleep(0)
        while self._wanted:
            if self._taking is None:
                self._taking = asyncio.create_task(self.session.inbox.take())
            for _ in range(3):
                await asyncio.sleep(0)
            if not self._taking.done():
                return
            self._wanted -= 1
            self.taken.append(self._taking.result())
            self._taking = None

    async def heal(self) -> None:
        """Run without faults until nothing more happens."""
        quiet = 0
        while quiet < 3:
            before = len(self.taken), sum(task.done() for task in self.asked.values())
            if self.wire is None:
                self.connect()
            for step in (self._read_requests, self._catch_up, self._deliver, self._take):
                step(5)
                await self.settle()
            wire = self.wire
            after = len(self.taken), sum(task.done() for task in self.asked.values())
            idle = wire is not None and wire.after is None and not wire.outbox + wire.requests
            quiet = quiet + 1 if after == before and idle else 0

    async def end(self) -> None:
        """End all tasks."""
        self._lose_connection(0)
        left = [*self.asked.values(), *([self._taking] if self._taking else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # ------------------------------------------------------------ the promises

    def check_position(self) -> None:
        """Check that a restart at the current position would lose no event."""
        handled = self.session.inbox.handled
        self._check_complete(handled)

    def check(self) -> None:
        """Check every promise once nothing more happens."""
        epochs = self._epochs()
        for log_id, events in epochs:
            sequences = [event.sequence for event in events if event.sequence]
            assert sequences == sorted(set(sequences)), f"{log_id}: {sequences}"
            for sequence in sequences:
                by = self.made.get((log_id, sequence), "")
                own = self.answered.get(by) == (log_id, sequence)
                assert not own, f"own {sequence} was given"
        assert epochs[-1][0] == self.log.name
        position = self.session.inbox.position
        assert position.log_id == self.log.name
        left = [s for s in self.log.events if s > position.sequence]
        assert all((self.log.name, s) in self.made for s in left), f"left: {left}"
        self._check_complete(position)
        for request_id, task in self.asked.items():
            assert task.done(), f"{request_id} has no answer"
            if task.exception() is None:
                assert task.result().sequence == self.answered[request_id][1]

    def _check_complete(self, position: Position) -> None:
        for log_id, events in self._epochs():
            if log_id != position.log_id:
                continue
            log = next(each for each in self.logs if each.name == log_id)
            given = {event.sequence for event in events}
            for sequence in log.events:
                if not log.first < sequence <= position.sequence or (log_id, sequence) in self.made:
                    continue
                assert sequence in given or self._was_truncated(sequence, events), f"{sequence}"

    def _was_truncated(self, sequence: int, events: list[chat_pb2.Event]) -> bool:
        """Return True if a gap at this sequence was reported to the program."""
        gaps = (chat_pb2.RECOVERY_TRUNCATED, chat_pb2.RECOVERY_OTHER_LOG)
        return any(
            event.welcome.recovery in gaps and sequence < event.welcome.oldest_sequence
            for event in events
        )

    def _epochs(self) -> list[tuple[str, list[chat_pb2.Event]]]:
        """Return the events that the program got, by the log that `welcome` named."""
        epochs: list[tuple[str, list[chat_pb2.Event]]] = []
        for event in self.taken:
            if event.HasField("welcome") and (not epochs or event.welcome.log_id != epochs[-1][0]):
                epochs.append((event.welcome.log_id, []))
            epochs[-1][1].append(event)
        return epochs


def copied(event: chat_pb2.Event) -> chat_pb2.Event:
    """Return a copy of an event, as the wire does."""
    made = chat_pb2.Event()
    made.CopyFrom(event)
    return made


async def run(steps: list[tuple[int, int]]) -> World:
    """Run these steps, then heal, and check."""
    world = World()
    try:
        world.connect()
        for which, how in steps:
            world.steps[which % len(world.steps)](how)
            await world.settle()
            world.check_position()
        await world.heal()
        world.check()
    finally:
        await world.end()
    return world
