"""The scenarios that are measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from servers import PEERS, Peer
from stores import Made


@dataclass(frozen=True)
class Scenario:
    """One load. Phases of 0 seconds are skipped."""

    name: str
    title: str
    streams: int
    window: int = 64
    saturated: float = 0.0
    at_rest: float = 0.0
    direct: float = 0.0
    slow: float = 0.0
    """Seconds beside a stream that reads 1 kB/s; half as long without it, before and after."""
    stalled: int = 0
    peers: Sequence[str] = ("ours", "go", "nats")
    """The peers that are measured unless others are asked for."""
    others: bool = True
    """False if only this server can run it, without TLS."""
    reference: str = "go"
    """The peer to which ratios refer."""
    keeps_store: bool = False
    """True if all rounds use one store."""
    server_options: Sequence[str] = ()
    """Further options of the server."""
    descriptors: int = 0
    """The server's limit of open files; 0 keeps the system's."""

    def peers_of(self, asked: Sequence[str]) -> list[Peer]:
        """Return the peers to measure. `asked` are names; without any, those of the scenario."""
        peers = [PEERS[name] for name in asked or self.peers]
        able = [peer for peer in peers if self.others or (peer.by_grpc and not peer.tls)]
        return [peer for peer in able if self.streams <= peer.most_streams]

    def store(self, folder: Path, shorter: float) -> Made | None:
        """Write the store that the server starts from; return None for an empty one."""

    def arguments(self, shorter: float, made: Made | None) -> list[str]:
        """Return the generator's arguments; `shorter` scales the seconds."""
        rest = self.at_rest * shorter
        direct = self.direct * shorter
        values = {
            "n": self.streams,
            "p": 4,
            "size": 128,
            "window": self.window,
            "rate": 20_000 / self.streams,
            "sat-s": self.saturated * shorter,
            "lat-s": rest,
            "dm-lat-s": direct,
            "dm-sat-s": direct,
            "dm-pairs": min(self.streams // 2, 100),
            "slow-s": self.slow * shorter,
            "stalled": self.stalled,
        }
        return flags(values)


def flags(values: Mapping[str, float | str]) -> list[str]:
    """Return command-line flags for names and values."""
    return [word for key, value in values.items() for word in (f"--{key}", f"{value}")]


def _saturated(streams: int, window: int, peers: Sequence[str]) -> Scenario:
    title = f"{streams:,} streams, {window:,} in flight"
    return Scenario(f"n{streams}-w{window}", title, streams, window, saturated=4.0, peers=peers)


_ALL = ("ours", "go", "nats", "threads")
_THREE = ("ours", "go", "nats")

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        _saturated(100, 256, _ALL),
        _saturated(1000, 64, _ALL),
        _saturated(1000, 256, _THREE),
        _saturated(1000, 1024, _THREE),
        _saturated(4000, 256, _THREE),
        Scenario(
            "rest",
            "1,000 streams at rest (20,000 deliveries/s), and direct messages",
            1000,
            at_rest=4.0,
            direct=2.0,
            peers=(*_THREE, "jetstream"),
        ),
        Scenario(
            "stalled-without",
            "1,000 streams at rest, all of them read",
            1000,
            at_rest=5.0,
            peers=("ours",),
        ),
        Scenario(
            "stalled-with",
            "1,000 streams at rest, and one that reads nothing",
            1000,
            at_rest=5.0,
            stalled=1,
            peers=("ours",),
        ),
    )
}

# Only with --tls: the cost of TLS, here and in grpc-go.
_WITH_TLS = ("ours", "ours+tls", "grpcio+tls", "go", "go+tls")
TLS = [
    replace(SCENARIOS[name], name=f"tls-{name}", peers=_WITH_TLS, reference="go+tls")
    for name in ("rest", "n100-w256", "n1000-w256")
]

# Only with --web: the gateway for browsers, beside gRPC and other servers of WebSockets.
_WEB = ("ours", "ours-web", "socketio", "centrifugo")
WEB = [
    *(
        replace(SCENARIOS[name], name=f"web-{name}", peers=_WEB, reference="socketio")
        for name in ("n100-w256", "n1000-w64", "n1000-w256")
    ),
    replace(
        SCENARIOS["rest"],
        name="web-rest",
        title="2,000 streams at rest (20,000 deliveries/s), and direct messages",
        streams=2000,
        peers=_WEB,
        reference="socketio",
    ),
]

# Only with --threads: shows why streams have no threads (docs/streams-and-threads.md).
THREADS = [
    Scenario(
        f"threads-n{streams}",
        f"{streams:,} streams, 64 in flight",
        streams,
        saturated=3.0,
        at_rest=2.0,
        peers=("ours", "threads", "aio"),
    )
    for streams in (100, 1000)
]
