"""The decisions of clients and of the nemesis, all from one seed.

A step is drawn independently of earlier results: the same seed gives the same steps. The effect of
a step depends on its time, for example which message is edited.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

CLIENT_STEPS: Mapping[str, float] = {
    "send": 40,
    "direct": 12,
    "burst": 2,
    "call": 5,
    "edit": 6,
    "delete": 4,
    "react": 4,
    "mark": 4,
    "typing": 2,
    "again": 6,
    "twin": 5,
    "reuse": 1,
    "refused": 2,
    "list": 5,
    "join": 6,
    "leave": 3,
    "create": 1,
    "delete_room": 0.5,
    "invite": 2,
    "role": 1,
    "block": 1.5,
    "unblock": 2,
    "depart": 0.7,
    "drop": 3,
    "cut": 3,
    "stall": 1,
    "hole": 0.5,
    "slow": 1,
    "deaf": 2,
    "save": 3,
    "restart": 2,
}
"""The weights of a client's steps."""

SERVER_FAULTS = ("kill", "terminate", "freeze", "clock", "unread", "moved", "copied", "replaced")
"""The steps that the nemesis can take."""

SERVER_STEPS: Mapping[str, float] = {
    "kill": 5,
    "terminate": 2,
    "freeze": 1,
    "clock": 3,
    "unread": 1,
    "moved": 0.4,
    "copied": 0.4,
    "replaced": 0.4,
}
"""The weights of the nemesis' steps."""

ABUSES: Mapping[str, float] = {
    "ligatures": 1,
    "han": 1,
    "unknown": 1,
    "edits": 1,
    "phrases": 1,
    "silent": 1,
    "streams": 1,
    "spam_rooms": 1,
    "send": 2,
}
"""The weights of the abusive guest's steps."""

LARGE = 15_000

HOLD = 2.0
"""Seconds for which a guest's name is kept; a frozen server outlasts them."""


class Step(NamedTuple):
    """One decision. Times are in seconds."""

    what: str
    where: int
    """Index of a room or of another user, modulo their number."""
    pick: float
    """A share from 0 to 1 that picks one of several."""
    times: int
    """Number of messages in a burst."""
    size: int
    """Bytes of text."""
    pause: float
    """Wait after the step."""
    lasts: float
    """Duration of a fault."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a run. Times are in seconds."""

    seconds: float = 60.0
    users: int = 5
    devices: int = 2
    """Clients of each user on the bare contract."""
    sdk: int = 3
    """Users with one more client, on the SDK."""
    pages: int = 0
    """Users with one more client, on the engine of the web page."""
    page_bug: str = ""
    """A bug of web/tests/planted.mjs to build into that engine."""
    rooms: int = 4
    steps: Mapping[str, float] = dataclasses.field(default_factory=lambda: CLIENT_STEPS)
    faults: Mapping[str, float] = dataclasses.field(default_factory=lambda: SERVER_STEPS)
    abuses: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Steps of an abusive guest beside the users; empty for no such guest."""
    keep: float = 0.0
    """The age at which events are dropped; 0 keeps them."""
    hold: float = 0.0
    """The time for which a guest's name is kept; 0 for the usual time."""
    pause: float = 0.3
    """The longest wait of a client between two steps."""
    quiet: float = 60.0
    """Time within which all clients must come to rest, before `UNIT`."""
    calm: tuple[float, float] = (1.5, 6.0)
    """The shortest and the longest wait of the nemesis between two steps."""

    def only(self, *steps: str) -> Plan:
        """Return the same plan with only some of the clients' steps."""
        return dataclasses.replace(self, steps={step: self.steps[step] for step in steps})

    def with_faults(self, *faults: str) -> Plan:
        """Return the same plan with only some of the nemesis' steps."""
        return dataclasses.replace(self, faults=dict.fromkeys(faults, 1.0))


def plan_of(seed: str, seconds: float) -> Plan:
    """Return the plan of a seed; seeds differ in how often things happen."""
    chance = random.Random(f"{seed} plan")
    return Plan(
        seconds=seconds,
        calm=chance.choice(((1.5, 6.0), (4.0, 12.0), (10.0, 20.0))),
        pages=1,
        pause=chance.choice((0.2, 0.4)),
        steps={step: weight * chance.uniform(0.3, 2.0) for step, weight in CLIENT_STEPS.items()},
        abuses=ABUSES if chance.random() < 0.5 else {},
        keep=chance.choice((0.0, 0.0, 8.0, 20.0)),
        hold=HOLD,
    )


def client_steps(seed: str, client: str, plan: Plan, *, abusive: bool = False) -> Iterator[Step]:
    """Yield the steps of one client, endlessly."""
    weights = plan.abuses if abusive else plan.steps
    return _steps(random.Random(f"{seed} {client}"), weights, (0.0, plan.pause))


def server_steps(seed: str, plan: Plan) -> Iterator[Step]:
    """Yield the steps of the nemesis, endlessly."""
    return _steps(random.Random(f"{seed} server"), plan.faults, plan.calm)


def _steps(
    chance: random.Random, weights: Mapping[str, float], pause: tuple[float, float]
) -> Iterator[Step]:
    whats, shares = list(weights), list(weights.values())
    while whats:
        yield Step(
            what=chance.choices(whats, shares)[0],
            where=chance.randrange(1000),
            pick=chance.random(),
            times=chance.randint(40, 140),
            size=int(2 ** chance.uniform(0, 11)) if chance.random() < 0.9 else LARGE,
            pause=chance.uniform(*pause),
            lasts=chance.uniform(0.2, 4.0),
        )
