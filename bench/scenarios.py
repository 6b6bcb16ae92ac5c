"""The peers and the scenarios that are measured."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stores import Made

HERE = Path(__file__).resolve().parent
BIN = HERE / "bin"

_USUAL = (
    *("--driver", "grpc", "--grpc-hello", '3:"{user}"', "--grpc-pub", '1:"{payload}"'),
    *("--grpc-dm", '1:"{payload}" 2:"{to}"', "--grpc-event-path", "1"),
)

_CONTRACT = (
    *("--driver", "grpc", "--grpc-method", "/chat_grpc.v1.ChatService/Connect"),
    *("--grpc-hello", '1:{1:"{user}"}', "--grpc-event-path", "1.3.4", "--grpc-ready", "message"),
    *("--grpc-pub", '2:{1:{3:"lobby"} 2:"{payload}" 3:"{unique}"}'),
    *("--grpc-dm", '2:{1:{2:"{to}"} 2:"{payload}" 3:"{unique}"}', "--grpc-echo=false"),
)


@dataclass(frozen=True)
class Peer:
    """A server; its command may contain `{port}` and `{data}`."""

    name: str
    label: str
    command: Sequence[str]
    load: Sequence[str]
    """The generator's arguments that select the protocol."""
    most_streams: int = 100_000


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "ours",
            "chat-grpc (durable)",
            (
                *(sys.executable, "-m", "chat_grpc", "serve"),
                *("--listen", "127.0.0.1:{port}", "--data", "{data}"),
            ),
            _CONTRACT,
        ),
        Peer(
            "grpcio",
            "chat-grpc on grpcio (durable)",
            (
                *(sys.executable, "-m", "chat_grpc", "serve", "--transport", "grpcio"),
                *("--listen", "127.0.0.1:{port}", "--data", "{data}"),
            ),
            _CONTRACT,
        ),
        Peer(
            "go",
            "grpc-go, the usual server",
            (str(BIN / "usual_go"), "-addr", "127.0.0.1:{port}"),
            (*_USUAL, "--grpc-method", "/naive.Chat/Stream"),
        ),
        Peer(
            "nats",
            "NATS core",
            (
                *(str(Path(sys.executable).parent / "nats-server"), "-a", "127.0.0.1"),
                *("-p", "{port}", "-c", str(HERE / "peers" / "nats.conf")),
            ),
            ("--driver", "nats"),
        ),
        Peer(
            "threads",
            "grpcio, a thread a stream",
            (sys.executable, str(HERE / "peers" / "usual_threads.py"), "127.0.0.1:{port}"),
            (*_USUAL, "--grpc-method", "/usual.Chat/Stream"),
            most_streams=1000,
        ),
        Peer(
            "aio",
            "grpc.aio, a task a stream",
            (sys.executable, str(HERE / "peers" / "usual_aio.py"), "127.0.0.1:{port}"),
            (*_USUAL, "--grpc-method", "/usual.Chat/Stream"),
            most_streams=1000,
        ),
    )
}


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
    keeps_store: bool = False
    """True if all rounds use one store."""
    server_options: Sequence[str] = ()
    """Further options of the server."""
    descriptors: int = 0
    """The server's limit of open files; 0 keeps the system's."""

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
            peers=_THREE,
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
