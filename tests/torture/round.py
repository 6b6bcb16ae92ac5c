"""One round of torture: clients and faults for a while, then quiet, then the reading of it all."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from support import UNIT, store_of
from torture.actor import Actor
from torture.checker import Violation, check
from torture.device import Device
from torture.people import Made, Person
from torture.proxy import Proxy
from torture.records import MESSAGE, Complaint, History, Quiet, read_all
from torture.sdk_device import SdkDevice
from torture.server import TorturedServer
from torture.steps import Plan, client_steps, server_steps
from torture.wire import LOBBY

QUIET_WITHIN = 60.0
"""How long everything may take to come to rest, in seconds, before `UNIT`."""

_T = TypeVar("_T")


async def torture(plan: Plan, seed: str, folder: Path, planted: str = "") -> list[Violation]:
    """Runs one round, with all its files in `folder`; gives what was broken."""
    async with contextlib.AsyncExitStack() as open_:
        round_ = Round(plan, seed, folder, open_, planted)
        await round_.begin()
        await round_.misbehave()
        await round_.come_to_rest()
        await round_.read_it_all()
        await round_.end()
    return check_folder(folder)


def check_folder(folder: Path) -> list[Violation]:
    """Checks what a round wrote down."""
    return check(read_all(folder / "history"), store_of(folder / "data"))


class Round:
    """What takes part in one round. Belongs to the event loop."""

    def __init__(
        self, plan: Plan, seed: str, folder: Path, open_: contextlib.AsyncExitStack, planted: str
    ) -> None:
        self._plan = plan
        self._seed = seed
        self._folder = folder / "history"
        self._open = open_
        self._history = self._new_history("round")
        self._server = TorturedServer(folder / "data", self._history, planted)
        self._people: list[Person] = []
        self._actors: dict[str, Actor] = {}
        self._clients: list[Device | SdkDevice] = []
        self._running: list[asyncio.Task[None]] = []
        self._last = 0

    def _new_history(self, client: str) -> History:
        history = History(self._folder, client)
        self._open.callback(history.close)
        return history

    # ------------------------------------------------------------- begin

    async def begin(self) -> None:
        """Starts the server, signs everyone in, and lets their clients connect."""
        self._open.push_async_callback(self._server.end)
        await self._server.start()
        for number in range(self._plan.users):
            name = f"u{number + 1}"
            person = Person(name, self._server.port, self._new_history(f"{name}/calls"))
            self._open.push_async_callback(person.close)
            self._people.append(person)
            await person.sign_in()
        rooms = [f"r{number}" for number in range(self._plan.rooms)]
        for number, person in enumerate(self._people):
            for each in range(self._plan.devices):
                # The last device of some has no device_id.
                known = each == 0 or number % 2 == 0
                await self._add(person, f"{person.name}/{each}", rooms, known=known)
            if number < self._plan.sdk:
                await self._add(person, f"{person.name}/sdk", rooms)
        for number, person in enumerate(self._people[: self._plan.rooms // 2]):
            await self._actors[f"{person.name}/0"].create(number)
        self._open.push_async_callback(self._stop_clients)
        self._running = [asyncio.create_task(client.run()) for client in self._clients]
        await self._within(lambda: all(client.connected for client in self._clients))

    async def _add(
        self, person: Person, name: str, rooms: list[str], *, known: bool = True
    ) -> None:
        proxy = await self._open.enter_async_context(Proxy(self._server.port))
        history = self._new_history(name)
        client: Device | SdkDevice
        if name.endswith("sdk"):
            client = SdkDevice(person, name, history, proxy.port)
        else:
            client = Device(person, name, history, proxy.port, known=known)
        person.clients.append(client)
        self._clients.append(client)
        self._actors[name] = Actor(client, proxy, self._people, rooms)

    async def _stop_clients(self) -> None:
        for client in self._clients:
            client.stop()
        running, self._running = self._running, []
        await asyncio.gather(*running)

    # ------------------------------------------------------------- misbehave

    async def misbehave(self) -> None:
        """Lets clients and the nemesis take their steps for as long as the plan says."""
        tasks = [
            asyncio.create_task(actor.run(client_steps(self._seed, name, self._plan)))
            for name, actor in self._actors.items()
        ]
        tasks.append(asyncio.create_task(self._disturb()))
        await asyncio.wait(tasks, timeout=self._plan.seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _disturb(self) -> None:
        """Is the nemesis: ends the server now and then, and starts it again."""
        for step in server_steps(self._seed, self._plan):
            await asyncio.sleep(step.pause)
            # Not to be cut off half-way: the server is there when this task is over.
            await _whole(self._restart(step.what, away=step.lasts if step.pick < 0.2 else 0.0))

    async def _restart(self, how: str, away: float) -> None:
        await (self._server.kill() if how == "kill" else self._server.terminate())
        await asyncio.sleep(away)
        await self._server.start()

    # ------------------------------------------------------------- come to rest

    async def come_to_rest(self) -> None:
        """Waits until every client is connected, has its answers, and has seen the last message."""
        clients = self._clients
        await self._within(lambda: all(c.connected and not c.unanswered for c in clients))
        author = self._people[0]
        made = Made(author.request_id(), MESSAGE, LOBBY, f"{self._seed}: the last one")

        async def sent() -> bool:
            self._last = self._last or await author.send(made)
            return self._last > 0

        await self._within(sent)
        await self._within(lambda: all(client.seen >= self._last for client in clients))
        late = [client.stream for client in clients if client.seen < self._last]
        streams = [client.stream for client in clients]
        self._history.add(Quiet, self._last, tuple(streams), tuple(late))

    async def _within(self, check: Callable[[], bool | Awaitable[bool]]) -> bool:
        """Waits for something to come about; gives whether it did in time."""
        clock = asyncio.get_running_loop().time
        end = clock() + QUIET_WITHIN * UNIT
        while clock() < end:
            for task in self._running:
                if task.done():
                    task.result()
            now = check()
            if now if isinstance(now, bool) else await now:
                return True
            await asyncio.sleep(0.02)
        return False

    # ------------------------------------------------------------- read it all

    async def read_it_all(self) -> None:
        """Reads the whole log as each user, over the stream and by lists."""
        log_id = next(c.position[0] for c in self._clients if isinstance(c, Device))
        await self._stop_clients()
        gc.collect()  # ended calls of this process keep their connections until then
        await self._server.settled(connections=len(self._people))
        # What is read now is on the disk, and was there when the last one was answered.
        await self._restart("kill", away=0.0)
        readers = []
        for person in self._people:
            name = f"{person.name}/final"
            reader = Device(person, name, self._new_history(name), self._server.port, final=True)
            reader.position = (log_id, 0)
            readers.append(reader)
        self._clients += readers
        self._running = [asyncio.create_task(reader.run()) for reader in readers]
        await self._within(lambda: all(reader.seen >= self._last for reader in readers))
        await self._stop_clients()
        places = [LOBBY, *(f"#r{number}" for number in range(self._plan.rooms))]
        places += [f"@{person.number}" for person in self._people]
        for person in self._people:
            for place in places:
                if not await person.list(place, final=True):
                    self._history.add(Complaint, "I20", f"{place} cannot be listed")

    async def end(self) -> None:
        """Ends the server."""
        await self._server.end()


async def _whole(work: Awaitable[_T]) -> _T:
    """Awaits something to its end, even where this task is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
