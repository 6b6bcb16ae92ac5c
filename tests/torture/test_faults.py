"""Each fault of the nemesis by itself, for a few seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torture.round import torture
from torture.steps import ABUSES, HOLD, Plan

pytestmark = pytest.mark.usefixtures("no_debug")

_CALM = Plan(seconds=6.0, users=3, rooms=2, sdk=1, pause=0.1, calm=(0.5, 1.5), hold=HOLD, faults={})
_KEPT = replace(_CALM, keep=2.0)

FAULTS = {
    "freeze": _CALM.with_faults("freeze"),
    "clock": _CALM.only("send", "again", "twin", "drop").with_faults("clock", "kill"),
    "unread": _CALM.with_faults("unread"),
    "moved": _CALM.with_faults("moved"),
    "copied": _CALM.with_faults("copied"),
    "replaced": _CALM.with_faults("replaced"),
    "retention": replace(_KEPT.with_faults("kill"), seconds=10.0),
    "retention-deletions": replace(_KEPT, steps={"send": 10, "delete": 10, "edit": 2, "drop": 1}),
    "retention-clock": replace(_KEPT.with_faults("clock"), keep=60.0),
    "deleted-rooms": replace(
        _CALM, steps={"send": 20, "create": 5, "join": 5, "delete_room": 3, "drop": 2, "list": 2}
    ),
    "abuse": replace(_CALM, abuses=ABUSES),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_promise_is_broken_by_one_kind_of_fault(fault: str, tmp_path: Path) -> None:
    """Each promise holds under each fault alone."""
    violations = await torture(FAULTS[fault], fault, tmp_path)
    assert not violations, "\n".join(map(str, violations))
