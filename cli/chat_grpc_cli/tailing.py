"""The command `tail`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chat_grpc.client import ChatClient, Position
from chat_grpc.v1 import chat_pb2
from chat_grpc_cli import events
from chat_grpc_cli.access import Access
from chat_grpc_cli.conversation import LOBBY, of_message
from chat_grpc_cli.event_filter import EventFilter
from chat_grpc_cli.executing import Executor
from chat_grpc_cli.failures import NotFound
from chat_grpc_cli.people import People
from chat_grpc_cli.readable import conversation
from chat_grpc_cli.render import clock, local
from chat_grpc_cli.scripting import print_fragments, print_json
from chat_grpc_cli.shown import Shown, ShownMessage
from chat_grpc_cli.since import Since, find_position
from chat_grpc_cli.standard_streams import complain, until_reader_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command."""

    to: str | None
    only: Collection[str]
    mentions: bool
    since: Since
    until_now: bool
    place: Path | None
    as_json: bool
    command: Sequence[str] | None
    """The command to run for each event; None prints the events."""
    answer: bool
    timeout: float


async def tail(access: Access, options: Options) -> None:
    """Print events as they arrive, or run a command for each, from a position in the log.

    Ends when the reader of standard output closes the pipe, even if no event arrives.
    """
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(until_reader_gone())
        await _tail(access, options)
        watch.cancel()


async def _tail(access: Access, options: Options) -> None:
    place = options.place
    resumes = place is not None and await asyncio.to_thread(place.exists)
    since = Since() if resumes else options.since
    position = await _position(access, since)
    # The place file also has the guest's token.
    token = access.stored_token() if resumes else await access.token()
    async with access.client(token, position=position, resume_file=place) as chat:
        await asyncio.to_thread(access.keep_token, chat.token)
        first = await anext(chat)
        _check(first.welcome, position)
        to = await conversation(chat, options.to)
        if to is not None:  # an unknown one is an error, not a silence
            await chat.history(to, limit=1).all()
        chosen = EventFilter(chat, to, options.only, mentions=options.mentions)
        here = to if isinstance(to, str) and to.startswith("#") else LOBBY
        shown = Shown()
        taker = _taker(access, chat, options, here, shown)
        await taker.take(first)
        async for event in chat:
            if event.HasField("welcome"):
                _tell_gap(event.welcome)
            if not _too_old(event, since.moment) and await chosen.passes(event):
                await taker.take(event)
                if place is not None and options.command is not None:
                    await chat.save()
            _note(shown, event, chat.me.number)
            if options.until_now and event.HasField("caught_up"):
                break
        if place is not None:
            await chat.save()


def _taker(
    access: Access, chat: ChatClient, options: Options, here: str, shown: Shown
) -> _Printer | Executor:
    if options.command is None:
        return _Printer(chat, here, shown, as_json=options.as_json)
    return Executor(chat, access, options.command, answer=options.answer, timeout=options.timeout)


def _too_old(event: chat_pb2.Event, oldest: datetime | None) -> bool:
    """Return True for a stored event from before a time; the stream may begin earlier."""
    if oldest is None or not event.sequence:
        return False
    return event.time.ToDatetime(tzinfo=UTC) < oldest


async def _position(access: Access, since: Since) -> Position | None:
    """Return the position to begin at; None for now. Only the server knows the name of its log."""
    if since.sequence is None and since.moment is None:
        return since.position
    async with access.client(await access.token()) as chat:
        if since.moment is not None:
            return await find_position(chat, since.moment)
        return Position(chat.position.log_id, since.sequence or 0)


def _check(welcome: chat_pb2.Welcome, asked: Position | None) -> None:
    """Report missing events. Raises `NotFound` if the server's log has no such position."""
    if welcome.recovery != chat_pb2.RECOVERY_OTHER_LOG:
        _tell_gap(welcome)
        return
    if asked is not None and asked.log_id == welcome.log_id:
        end = welcome.head_sequence
        raise NotFound(f"the server's log ends at sequence {end}, before {asked.sequence}")
    raise NotFound(
        f"the server has a different log, {welcome.log_id}; use --since 0 to begin at its start"
    )


def _tell_gap(welcome: chat_pb2.Welcome) -> None:
    if welcome.recovery == chat_pb2.RECOVERY_TRUNCATED:
        complain("some events before the next one are no longer stored")
    elif welcome.recovery == chat_pb2.RECOVERY_OTHER_LOG:
        complain("the server came back with a different log")


class _Printer:
    """Prints events. The messages of other rooms than `here` have the name of their room.

    `shown` has the messages that may be quoted.
    """

    def __init__(self, chat: ChatClient, here: str, shown: Shown, *, as_json: bool) -> None:
        self._chat = chat
        self._here = here
        self._as_json = as_json
        self._shown = shown
        self._people = People()

    async def take(self, event: chat_pb2.Event) -> None:
        """Print an event unless it has no line of text."""
        if self._as_json:
            print_json([event])
            return
        me = self._chat.me.number
        time = local(event.time) if event.HasField("time") else datetime.now().astimezone()
        label = self._people.label
        if fragments := events.line(
            event, me, time, here=self._here, shown=self._shown, label=label
        ):
            print_fragments(fragments)


def _note(shown: Shown, event: chat_pb2.Event, me: int) -> None:
    """Note the newest text of a message, for quotations; also of events that are not printed."""
    match event.WhichOneof("event"):
        case "message" if not event.message.text:
            shown.deleted(event.sequence)
        case "message":
            told, who = event.message, event.message.author
            where, own, at = of_message(told, me), who.number == me, clock(local(event.time))
            shown.add(ShownMessage(event.sequence, where, who.name, told.text, own, clock=at))
        case "edited" if event.edited.message.text:
            shown.edited(event.edited.target_sequence, event.edited.message.text)
        case "deleted":
            shown.deleted(event.deleted.target_sequence)
