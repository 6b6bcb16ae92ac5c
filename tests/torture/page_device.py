"""A client on the engine of the web page, in node; records the events that the engine takes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

from support import UNIT
from torture.people import Made, Person
from torture.records import (
    MESSAGE,
    READ_MARKER,
    Answer,
    Ask,
    Ended,
    History,
    Item,
    Listed,
    Opened,
    Refusal,
    Unknown,
    short,
)
from torture.wire import note

from chat_grpc.v1 import chat_pb2

WEB = Path(__file__).resolve().parents[2] / "web"
MOST_WAITING = 200
LONGEST_LINE = 2**26
ENDS_WITHIN = 10.0 * UNIT


async def bundle(program: Path, planted: str = "") -> None:
    """Build the program that runs the engine; `planted` is a bug of web/tests/planted.mjs."""
    process = await asyncio.create_subprocess_exec(
        *("node", "tests/bundle.mjs", "device", str(program)),
        cwd=WEB,
        env=os.environ | ({"PLANT": planted} if planted else {}),
    )
    assert await process.wait() == 0, "the engine of the page does not build"


class PageDevice:
    """One tab of a user. Belongs to the event loop.

    In the records, each load of the page is one stream, however many streams the engine opens. An
    own message that a resume brings again is not recorded: the page has it already. The lists that
    the page shows at the end are records of `ListMessages`.
    """

    def __init__(
        self, person: Person, name: str, history: History, port: int, program: Path
    ) -> None:
        self.person = person
        self.name = name
        self.stream = ""
        """The name of the present load of the page."""
        self.seen = 0
        """The newest sequence that the engine took."""
        self.connected = False
        """True while the engine is live."""
        self._history = history
        self._history.now = lambda: self._at
        self._at = 0.0
        self._base = f"http://127.0.0.1:{port}/"
        self._program = program
        self._loads = count(1)
        self._process: asyncio.subprocess.Process | None = None
        self._made: dict[str, Made] = {}
        self._unsettled: set[str] = set()
        self._own: set[tuple[str, int]] = set()
        self._listed = asyncio.Event()
        self._stopping = False

    @property
    def unanswered(self) -> int:
        """Requests that wait for their answer."""
        return len(self._unsettled)

    def ask(self, made: Made) -> None:
        """Let the user of the page do something, unless the same is on its way."""
        if made.request_id in self._unsettled or len(self._unsettled) >= MOST_WAITING:
            return
        if made.request_id:
            self._made[made.request_id] = made
            self._unsettled.add(made.request_id)
        self._command(
            do="ask",
            id=made.request_id,
            what=made.what,
            place=made.place,
            text=made.text,
            target=made.target,
        )

    async def shown(self) -> None:
        """Record the lists that the page shows; nothing may be on its way."""
        self._listed.clear()
        self._command(do="shown")
        async with asyncio.timeout(30.0 * UNIT):
            await self._listed.wait()

    # ------------------------------------------------------------- faults

    async def deaf(self, seconds: float) -> None:
        """Stop the program for some seconds, as a closed laptop does."""
        self._signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._signal(signal.SIGCONT)

    def restart(self, *, new: bool = False) -> None:
        """Load the page again, or in a `new` tab, which has no position."""
        self.connected = False
        self.stream = f"{self.name}#{next(self._loads)}"
        self._command(do="load", stream=self.stream, new=new)

    def stop(self) -> None:
        """Close the page."""
        self._stopping = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            # `send_signal` may take the exit status away from the loop.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, which)

    def _command(self, **fields: object) -> None:
        if self._process is not None and self._process.stdin is not None and not self._stopping:
            self._process.stdin.write(f"{json.dumps(fields)}\n".encode())

    # ------------------------------------------------------------- records

    async def run(self) -> None:
        """Keep the page open until `stop`."""
        process = self._process = await asyncio.create_subprocess_exec(
            *("node", "--enable-source-maps", str(self._program), self._base, self.person.token),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        assert process.stdout is not None
        try:
            if self._stopping:
                self.stop()
            self.restart()
            async for line in process.stdout:
                self._take(json.loads(line))
        finally:
            self.connected = False
            self._signal(signal.SIGCONT)
            if not self._stopping:
                self._signal(signal.SIGKILL)
            status = await process.wait()
        assert status == 0, f"the program of {self.name} ended with status {status}"

    def _take(self, line: dict[str, Any]) -> None:
        self._at = line.pop("at")
        stream = line.pop("stream")
        getattr(self, f"_on_{line.pop('kind')}")(stream, **line)

    def _on_opened(self, stream: str, *, log_id: str, after: int) -> None:
        self._history.add(Opened, stream, self.name, self.person.number, log_id, after)

    def _on_state(self, stream: str, *, live: bool) -> None:
        if stream == self.stream:
            self.connected = live

    def _on_ask(self, stream: str, *, request_id: str) -> None:
        self._made[request_id].note(self._history, stream, self.person.number)

    def _on_mark(self, stream: str, *, place: str, target: int) -> None:
        fields = (stream, self.person.number, "", READ_MARKER, place, "", target)
        self._history.add(Ask, *fields)

    def _on_unknown(self, stream: str, *, request_id: str) -> None:
        self._history.add(Unknown, stream, request_id)

    def _on_settled(self, stream: str, *, request_id: str) -> None:
        self._unsettled.discard(request_id)

    def _on_closed(self, stream: str) -> None:
        self._history.add(Ended, stream, "CANCELLED", "", own=True)

    def _on_event(self, stream: str, *, raw: str) -> None:
        event = chat_pb2.Event.FromString(base64.b64decode(raw))
        kind = event.WhichOneof("event")
        if kind == "sent":
            self._answered(stream, event.sent)
        elif kind == "rejected":
            request_id = event.rejected.request_id
            if request_id in self._unsettled:
                self._history.add(Refusal, stream, request_id, event.rejected.error.reason)
        elif (stream, event.sequence) not in self._own:
            note(self._history, stream, event.SerializeToString(), event)
        if event.sequence:
            self.seen = max(self.seen, event.sequence)
            self.person.newest = max(self.person.newest, event.sequence)

    def _answered(self, stream: str, sent: chat_pb2.Sent) -> None:
        made = self._made.get(sent.request_id)
        if made is None:
            return
        self._history.add(Answer, stream, sent.request_id, sent.sequence, sent.duplicate)
        if made.what == MESSAGE and not sent.duplicate:
            self._own.add((stream, sent.sequence))
        self.person.answered(made, sent.sequence)

    def _on_shown(self, stream: str, *, lists: list[dict[str, Any]]) -> None:
        for each in lists:
            items = tuple(
                Item(sequence, author, short(text), gone, edited, tuple(sorted(map(tuple, given))))
                for sequence, author, text, gone, edited, given in reversed(each["items"])
            )
            assert each["live"], f"{each['place']} is not at the newest message"
            listed = Listed(
                self._at,
                self._at,
                self.person.number,
                each["place"],
                items,
                whole=each["whole"],
                final=True,
            )
            self._history.put(listed)
        self._listed.set()
