"""The checker finds bugs that are planted in the real server, and nothing without them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torture.round import torture
from torture.steps import Plan

pytestmark = pytest.mark.usefixtures("no_debug")

ROUNDS = 4
"""The number of rounds within which a bug must be found."""

_SMALL = Plan(seconds=4.0, users=3, sdk=0, rooms=2, pause=0.1, faults={})

CRASHES = replace(_SMALL.only("send"), faults={"kill": 1.0}, calm=(0.5, 1.0), pause=0.03)
RESUMES = _SMALL.only("send", "drop", "cut")
OVERFLOWS = replace(_SMALL, steps={"send": 20, "burst": 1, "deaf": 5}, pause=0.2)
REPEATS = _SMALL.only("send", "again", "twin", "drop")
ROOMS = replace(_SMALL, steps={"send": 20, "direct": 5, "create": 1, "join": 4, "leave": 4})
DELETES = _SMALL.only("send", "edit", "delete")
PRIVACY = replace(_SMALL, steps={"direct": 20, "block": 4, "unblock": 2, "depart": 2, "drop": 1})
_PAGE_STEPS = {"send": 25, "edit": 6, "react": 3, "drop": 3, "cut": 3, "restart": 3}
PAGES = replace(_SMALL, steps=_PAGE_STEPS, users=2, devices=1, pages=2, quiet=8.0)
"""Two pages that write while their connections are cut and they are loaded again."""

BUGS = {
    "answer_before_commit": CRASHES,
    "caught_up_too_early": RESUMES,
    "deliver_before_commit": CRASHES,
    "drop_on_overflow": OVERFLOWS,
    "echo": RESUMES,
    "everyone_sees_directs": ROOMS,
    "forget_a_commit": RESUMES,
    "ignore_blocks": PRIVACY,
    "ignore_request_ids": REPEATS,
    "keep_deleted_texts": DELETES,
    "keep_the_messages_of_the_departed": PRIVACY,
    "left_members_listen_on": ROOMS,
    "resume_repeats_one": RESUMES,
    "resume_skips_one": RESUMES,
    "swap_two": CRASHES,
}
"""Each bug, with a workload that brings it out."""

# Some of the promises that each bug breaks.
BREAKS = {
    "answer_before_commit": {"I1"},
    "caught_up_too_early": {"I19"},
    "deliver_before_commit": {"I1", "I2", "I4"},
    "drop_on_overflow": {"I6"},
    "echo": {"I18"},
    "everyone_sees_directs": {"I13"},
    "forget_a_commit": {"I1"},
    "ignore_blocks": {"I27"},
    "ignore_request_ids": {"I3"},
    "keep_deleted_texts": {"I20", "I22"},
    "keep_the_messages_of_the_departed": {"I28"},
    "left_members_listen_on": {"I13"},
    "resume_repeats_one": {"I5"},
    "resume_skips_one": {"I6", "I19"},
    "swap_two": {"I5"},
}

PAGE_BUGS = {
    "a reload skips events": {"I6", "I19"},
    "a resume skips an event": {"I6", "I19", "I20"},
    "a retry has a new request id": {"I3", "I11"},
    "an edit is not shown": {"I20"},
    "an event counts twice": {"I5"},
    "forgets its position": {"I6", "I19"},
    "no retry after a drop": {"I11"},
    "own messages twice": {"I20"},
}
"""Bugs of the page's engine, with some of the promises that each breaks."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("bug", BUGS)
async def test_a_planted_bug_is_found(bug: str, tmp_path: Path) -> None:
    """The checker reports a promise that the bug breaks, within a few rounds."""
    found: set[str] = set()
    for number in range(ROUNDS):
        seed = f"{bug}.{number}"
        violations = await torture(BUGS[bug], seed, tmp_path / seed, bug)
        found |= {violation.promise for violation in violations}
        if found & BREAKS[bug]:
            return
    pytest.fail(f"not found, but {found}")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("bug", PAGE_BUGS)
async def test_a_planted_bug_of_the_page_is_found(bug: str, tmp_path: Path) -> None:
    """The same for bugs in the engine of the page, whose lists are checked, too."""
    found: set[str] = set()
    for number in range(ROUNDS):
        seed = f"{bug}.{number}"
        violations = await torture(replace(PAGES, page_bug=bug), seed, tmp_path / seed)
        found |= {violation.promise for violation in violations}
        if found & PAGE_BUGS[bug]:
            return
    pytest.fail(f"not found, but {found}")


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("plan", "planted"),
    [
        (CRASHES, "slow_disk"),
        (RESUMES, ""),
        (OVERFLOWS, ""),
        (REPEATS, ""),
        (ROOMS, ""),
        (DELETES, ""),
        (PRIVACY, ""),
        (PAGES, ""),
    ],
    ids=["crashes", "resumes", "overflows", "repeats", "rooms", "deletes", "privacy", "pages"],
)
async def test_the_same_without_a_bug_passes(plan: Plan, planted: str, tmp_path: Path) -> None:
    """The same workloads without a bug break no promise."""
    violations = await torture(plan, "sound", tmp_path, planted)
    assert not violations, "\n".join(map(str, violations))
