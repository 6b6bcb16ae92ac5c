"""Scenarios that only this server can run, because it stores messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios import Scenario, flags
from stores import (
    FREQUENT,
    PHRASE,
    PHRASE_TIMES,
    RARE,
    RARE_TIMES,
    Made,
    make,
    numbered,
    talk,
)

_SIZE = 128


@dataclass(frozen=True)
class Resume(Scenario):
    """All streams resume at once: after a restart, and again from the tail in memory."""

    missed: int = 10_000
    """Each stream misses at least this many messages, and at most 5% more."""
    peers: Sequence[str] = ("ours",)
    others: bool = False

    def store(self, folder: Path, shorter: float) -> Made:
        """Write a store with the messages, and with a guest for each stream."""
        messages = numbered(sum(self._missed(shorter)), _SIZE)
        return make(folder, self.streams, messages, in_order=True)

    def arguments(self, shorter: float, made: Made | None) -> list[str]:
        """Return the generator's arguments; `shorter` scales the number of messages."""
        assert made is not None
        missed, spread = self._missed(shorter)
        return flags(
            {
                "mode": "resume",
                "n": self.streams,
                "size": _SIZE,
                "log-id": made.log_id,
                "resume-after": made.before,
                "resume-spread": spread,
                "stored": missed + spread,
                "live-rate": 10,
                "quiet-s": 4 * shorter,
            }
        )

    def _missed(self, shorter: float) -> tuple[int, int]:
        missed = int(self.missed * shorter)
        return missed, missed // 20


@dataclass(frozen=True)
class LongLog(Scenario):
    """A long log: the times of the start, of lists and searches, and of a resume at the head."""

    messages: int = 1_000_000
    users: int = 100
    peers: Sequence[str] = ("ours",)
    others: bool = False
    keeps_store: bool = True

    def store(self, folder: Path, shorter: float) -> Made:
        """Write the store; `shorter` scales the number of messages."""
        return make(folder, self.users, talk(int(self.messages * shorter), self.users))

    def arguments(self, shorter: float, made: Made | None) -> list[str]:
        """Return the generator's arguments."""
        assert made is not None
        service = "/chat_grpc.v1.ChatService/"
        calls = [
            f'list 50 {service}ListMessages 1:{{3:"lobby"}}',
            f"conversations 3 {service}ListConversations 1:50",
            f'search_rare {RARE_TIMES} {service}SearchMessages 1:"{RARE}"',
            f'search_frequent 50 {service}SearchMessages 1:"{FREQUENT}"',
            f'search_phrase {PHRASE_TIMES} {service}SearchMessages 1:x"{_quoted(PHRASE)}"',
        ]
        return [
            *flags({"mode": "calls", "log-id": made.log_id, "resume-after": made.head}),
            *(word for call in calls for word in ("--call", call)),
        ]


def _quoted(phrase: str) -> str:
    """Return the query for a phrase, in hexadecimal."""
    return f'"{phrase}"'.encode().hex()


OURS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Resume("resume", "1,000 streams resume at once; each missed 10,000 events", 1000),
        Scenario(
            "slow-reader",
            "1,000 streams, 256 in flight for 30 s beside one that takes 1 kB/s",
            1000,
            256,
            slow=30.0,
            peers=("ours",),
            others=False,
        ),
        LongLog("million", "A log of 1,000,000 messages, one caller", 1),
    )
}

# Small versions, to check that the scenarios work.
SMOKE: list[Scenario] = [
    Resume("resume", "20 streams resume; each missed 1,000 events", 20, missed=1000),
    Scenario(
        "slow-reader",
        "10 streams beside one that takes 1 kB/s",
        10,
        slow=2.0,
        peers=("ours",),
        others=False,
    ),
    LongLog("million", "A log of 2,000 messages", 1, messages=2000),
]
