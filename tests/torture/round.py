"""One round of torture: clients and faults, then rest, then a final reading of the log."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import support
from support import UNIT, store_of
from torture.actor import Actor
from torture.checker import Violation, check
from torture.conditions import Conditions
from torture.device import Device
from torture.page_device import PageDevice, bundle
from torture.people import DEFINITE, Made, Person
from torture.proxy import Proxy
from torture.records import MESSAGE, Complaint, History, Quiet, Retained, read_all
from torture.sdk_device import SdkDevice
from torture.server import TorturedServer
from torture.steps import Plan, Step, client_steps, server_steps
from torture.wire import LOBBY

ABUSER = "abuser"

COMERS = 40
"""Streams that are opened and left while the server's log is not read."""

UNREAD_WITHIN = 5.0 * UNIT
"""Seconds within which a call must be answered while the server's log is not read."""

JUMPS = (0.0, 3600.0, -3600.0, 25 * 3600.0, -25 * 3600.0, 400 * 86400.0)
"""Seconds by which the server's time of day may be wrong."""

BEATS_WITHIN = 5.0
"""Seconds within which each quiet stream must get a heartbeat, before `UNIT`."""

_T = TypeVar("_T")


async def torture(
    plan: Plan, seed: str, folder: Path, planted: str = "", transport: str = ""
) -> list[Violation]:
    """Run one round, with all its files in `folder`; return the broken promises.

    `transport` is that of the server, by default `support.TRANSPORT`.
    """
    async with contextlib.AsyncExitStack() as open_:
        round_ = Round(plan, seed, folder, open_, planted, transport or support.TRANSPORT)
        await round_.begin()
        await round_.misbehave()
        await round_.come_to_rest()
        await round_.read_it_all()
        await round_.end()
    return check_folder(folder)


def check_folder(folder: Path) -> list[Violation]:
    """Check the records of a round."""
    return check(read_all(folder / "history"), store_of(folder / "data"))


class Round:
    """The server, the users and the clients of one round. Belongs to the event loop."""

    def __init__(
        self,
        plan: Plan,
        seed: str,
        folder: Path,
        open_: contextlib.AsyncExitStack,
        planted: str,
        transport: str,
    ) -> None:
        self._plan = plan
        self._seed = seed
        self._folder = folder / "history"
        self._program = folder / "page.mjs"
        self._open = open_
        self._history = self._new_history("round")
        self._server = TorturedServer(
            folder / "data",
            self._history,
            planted,
            Conditions(folder / "clock" if "clock" in plan.faults else None, plan.keep, plan.hold),
            transport,
        )
        if plan.keep:
            self._history.add(Retained, plan.keep)
        self._people: list[Person] = []
        self._actors: dict[str, Actor] = {}
        self._clients: list[Device | SdkDevice | PageDevice] = []
        self._running: list[asyncio.Task[None]] = []
        self._last = 0

    def _new_history(self, client: str) -> History:
        history = History(self._folder, client)
        self._open.callback(history.close)
        return history

    # ------------------------------------------------------------- start

    async def begin(self) -> None:
        """Start the server, sign the users in, and connect their clients."""
        self._open.push_async_callback(self._server.end)
        await self._server.start()
        if self._plan.pages:
            await bundle(self._program, self._plan.page_bug)
        for number in range(self._plan.users):
            await self._admit(f"u{number + 1}")
        rooms = [f"r{number}" for number in range(self._plan.rooms)]
        for number, person in enumerate(self._people):
            for each in range(self._plan.devices):
                # The last device of every other user has no device_id.
                known = each == 0 or number % 2 == 0
                await self._add(person, f"{person.name}/{each}", rooms, known=known)
            if number < self._plan.sdk:
                await self._add(person, f"{person.name}/sdk", rooms)
            if number < self._plan.pages:
                await self._add(person, f"{person.name}/page", rooms)
        if self._plan.abuses:
            abuser = await self._admit(ABUSER)
            await self._add(abuser, f"{ABUSER}/0", rooms)
        for number, person in enumerate(self._people[: self._plan.rooms // 2]):
            await self._actors[f"{person.name}/0"].create(number)
        self._open.push_async_callback(self._stop_clients)
        self._running = [asyncio.create_task(client.run()) for client in self._clients]
        await self._within(lambda: all(client.connected for client in self._clients))

    async def _admit(self, name: str) -> Person:
        """Sign a user in."""
        person = Person(name, self._server.port, self._new_history(f"{name}/calls"))
        self._open.push_async_callback(person.close)
        self._people.append(person)
        await person.sign_in()
        return person

    async def _add(
        self, person: Person, name: str, rooms: list[str], *, known: bool = True
    ) -> None:
        page = name.endswith("page")
        port = self._server.web_port if page else self._server.port
        proxy = await self._open.enter_async_context(Proxy(port))
        history = self._new_history(name)
        client: Device | SdkDevice | PageDevice
        if page:
            client = PageDevice(person, name, history, proxy.port, self._program)
        elif name.endswith("sdk"):
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

    # ------------------------------------------------------------- steps and faults

    async def misbehave(self) -> None:
        """Let the clients and the nemesis take their steps for the time of the plan."""
        tasks = [
            asyncio.create_task(actor.run(self._steps_of(name)))
            for name, actor in self._actors.items()
        ]
        tasks.append(asyncio.create_task(self._disturb()))
        await asyncio.wait(tasks, timeout=self._plan.seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def _steps_of(self, name: str) -> Iterator[Step]:
        return client_steps(self._seed, name, self._plan, abusive=name.startswith(ABUSER))

    async def _disturb(self) -> None:
        """Take the steps of the nemesis."""
        for step in server_steps(self._seed, self._plan):
            await asyncio.sleep(step.pause)
            # Finish the step even if the task is canceled: the server must run afterwards.
            await _whole(getattr(self, f"_{step.what}")(step))

    async def _kill(self, step: Step) -> None:
        await self._restart("kill", away=step.lasts if step.pick < 0.2 else 0.0)

    async def _terminate(self, step: Step) -> None:
        await self._restart("terminate", away=step.lasts if step.pick < 0.2 else 0.0)

    async def _restart(self, how: str, away: float) -> None:
        await (self._server.kill() if how == "kill" else self._server.terminate())
        await asyncio.sleep(away)
        await self._server.start()

    async def _freeze(self, step: Step) -> None:
        """Stop the server for longer than it keeps a guest's name."""
        await self._server.freeze(self._plan.hold + step.lasts)

    async def _clock(self, step: Step) -> None:
        self._server.set_clock(JUMPS[int(step.pick * len(JUMPS))])

    async def _unread(self, step: Step) -> None:
        """Leave the server's log unread while clients come and go; it must answer calls."""
        person = self._people[step.where % len(self._people)]
        with self._server.unread_log():
            await asyncio.gather(*(person.come_and_go() for _ in range(COMERS)))
            if not await person.answers(within=UNREAD_WITHIN):
                text = f"no answer within {UNREAD_WITHIN:.0f} s while the log is not read"
                self._history.add(Complaint, "I25", text)

    async def _moved(self, step: Step) -> None:
        await self._lose("moved", step)

    async def _copied(self, step: Step) -> None:
        await self._lose("copied", step)

    async def _replaced(self, step: Step) -> None:
        await self._lose("replaced", step)

    async def _lose(self, how: str, step: Step) -> None:
        person = self._people[step.where % self._plan.users]

        async def busy() -> None:
            made = Made(person.request_id(), MESSAGE, LOBBY, f"{how} {step.pick}")
            await person.send(made)

        await self._server.lose_files(how, busy)
        await self._server.start()

    # ------------------------------------------------------------- rest

    async def come_to_rest(self) -> None:
        """Wait until every client is connected, answered, and has seen the last message."""
        clients = self._clients
        if "clock" in self._plan.faults:
            self._server.set_clock(0.0)
        await self._within(lambda: all(c.connected and not c.unanswered for c in clients))
        pages = [client for client in clients if isinstance(client, PageDevice)]
        for page in pages:
            if page.unanswered:
                text = f"{page.name} has {page.unanswered} requests without an answer at rest"
                self._history.add(Complaint, "I11", text)
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
        await self._heartbeats()
        for page in pages:
            await page.shown()

    async def _heartbeats(self) -> None:
        """Wait until every stream has had a heartbeat: the server's chores still run."""
        devices = [client for client in self._clients if isinstance(client, Device)]
        before = [device.beats for device in devices]

        def beating() -> bool:
            return all(d.beats > b for d, b in zip(devices, before, strict=True))

        if not await self._within(beating, BEATS_WITHIN):
            self._history.add(Complaint, "I26", "a stream got no heartbeat when all was quiet")

    async def _within(
        self, check: Callable[[], bool | Awaitable[bool]], seconds: float = 0.0
    ) -> bool:
        """Wait until `check` holds, by default for the plan's `quiet`; return whether it did."""
        clock = asyncio.get_running_loop().time
        end = clock() + (seconds or self._plan.quiet) * UNIT
        while clock() < end:
            for task in self._running:
                if task.done():
                    task.result()
            now = check()
            if now if isinstance(now, bool) else await now:
                return True
            await asyncio.sleep(0.02)
        return False

    # ------------------------------------------------------------- final reading

    async def read_it_all(self) -> None:
        """Read the whole log as each user, by a stream and by lists."""
        log_id = next(c.position[0] for c in self._clients if isinstance(c, Device))
        await self._stop_clients()
        gc.collect()  # ended calls of this process keep their connections until then
        await self._server.settled(connections=len(self._people))
        # After a kill, only what was on the disk can be read. The new process has no retention, so
        # that all users read the same log.
        await self._server.kill()
        self._server.keep_all()
        await self._server.start()
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
                status = await person.list(place, final=True)
                if status != "OK" and status not in DEFINITE:
                    text = f"{place} cannot be listed by {person.name}: {status}"
                    self._history.add(Complaint, "I20", text)

    async def end(self) -> None:
        """End the server."""
        await self._server.end()


async def _whole(work: Awaitable[_T]) -> _T:
    """Await something to its end, even if this task is canceled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
