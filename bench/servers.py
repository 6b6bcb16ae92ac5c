"""The servers that are compared."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from certificate import CERTIFICATE, KEY

HERE = Path(__file__).resolve().parent
BIN = HERE / "bin"

_USUAL = (
    *("--driver", "grpc", "--grpc-hello", '3:"{user}"', "--grpc-pub", '1:"{payload}"'),
    *("--grpc-dm", '1:"{payload}" 2:"{to}"'),
)
_USUAL_GO = (*_USUAL, "--grpc-method", "/naive.Chat/Stream", "--grpc-event-path", "1")
_USUAL_PYTHON = (*_USUAL, "--grpc-method", "/usual.Chat/Stream", "--grpc-event-path", "1")

_CHAT = (
    *("--grpc-method", "/chat_grpc.v1.ChatService/Connect"),
    *("--grpc-hello", '1:{1:"{user}"}', "--grpc-event-path", "1.3.4", "--grpc-ready", "message"),
    *("--grpc-pub", '2:{1:{3:"lobby"} 2:"{payload}" 3:"{unique}"}'),
    *("--grpc-dm", '2:{1:{2:"{to}"} 2:"{payload}" 3:"{unique}"}', "--grpc-echo=false"),
)
_CONTRACT = ("--driver", "grpc", *_CHAT)
_CONTRACT_BY_WEB = ("--driver", "grpc-web", *_CHAT)


@dataclass(frozen=True)
class Peer:
    """A server. Its command may contain `{port}`, `{data}`, and `{tls}` for the certificate."""

    name: str
    label: str
    command: Sequence[str]
    load: Sequence[str]
    """The generator's arguments that select the protocol."""
    most_streams: int = 100_000
    tls: bool = False
    """True if the generator connects by TLS."""
    needs: str = ""
    """The program of another project that `run.py` installs for it."""

    @property
    def ours(self) -> bool:
        """True for this server, on any transport."""
        return self.load in (_CONTRACT, _CONTRACT_BY_WEB)

    @property
    def by_grpc(self) -> bool:
        """True for this server by gRPC."""
        return self.load is _CONTRACT


def _ours_by_web() -> Peer:
    address = ("--listen", "127.0.0.1:0", "--web-listen", "127.0.0.1:{port}", "--data", "{data}")
    command = (sys.executable, "-m", "chat_grpc", "serve", *address)
    return Peer("ours-web", "chat-grpc, WebSocket (durable)", command, _CONTRACT_BY_WEB)


def _ours(name: str, label: str, *options: str, tls: bool = False, script: str = "") -> Peer:
    program = (str(HERE / "peers" / script),) if script else ("-m", "chat_grpc")
    address = ("--listen", "127.0.0.1:{port}", "--web-listen", "off", "--data", "{data}")
    secured = (*("--tls-cert", f"{{tls}}/{CERTIFICATE}", "--tls-key", f"{{tls}}/{KEY}"),)
    options = (*options, *(secured if tls else ()))
    command = (sys.executable, *program, "serve", *address, *options)
    return Peer(name, f"{label} (durable)", command, _CONTRACT, tls=tls)


_GO = (str(BIN / "usual_go"), "-addr", "127.0.0.1:{port}")


def _nats(config: str, *options: str) -> tuple[str, ...]:
    return (
        *(str(Path(sys.executable).parent / "nats-server"), "-a", "127.0.0.1"),
        *("-p", "{port}", "-c", str(HERE / "peers" / config), *options),
    )


PEERS = {
    peer.name: peer
    for peer in (
        _ours("ours", "chat-grpc"),
        _ours("ours+tls", "chat-grpc, TLS", tls=True),
        _ours("ours-asyncio", "chat-grpc without uvloop", script="without_uvloop.py"),
        _ours("grpcio", "chat-grpc on grpcio", "--transport", "grpcio"),
        _ours("grpcio+tls", "chat-grpc on grpcio, TLS", "--transport", "grpcio", tls=True),
        _ours_by_web(),
        Peer(
            "socketio",
            "Socket.IO, a room broadcast",
            ("node", str(HERE / "peers" / "usual_socketio" / "server.js"), "{port}"),
            ("--driver", "socketio"),
            needs="socketio",
        ),
        Peer(
            "centrifugo",
            "Centrifugo",
            (
                *(str(BIN / "centrifugo"), "-c", str(HERE / "peers" / "centrifugo.json")),
                *("--http_server.address", "127.0.0.1", "--http_server.port", "{port}"),
            ),
            ("--driver", "centrifugo"),
            needs="centrifugo",
        ),
        Peer("go", "grpc-go, the usual server", _GO, _USUAL_GO),
        Peer(
            "go+tls",
            "grpc-go, the usual server, TLS",
            (*_GO, "-cert", f"{{tls}}/{CERTIFICATE}", "-key", f"{{tls}}/{KEY}"),
            _USUAL_GO,
            tls=True,
        ),
        Peer(
            "go-join",
            "grpc-go, joining what waits",
            _GO,
            (*_USUAL, "--grpc-method", "/naive.Chat/Join", "--grpc-event-path", "1.1"),
        ),
        Peer("nats", "NATS core", _nats("nats.conf"), ("--driver", "nats")),
        Peer(
            "jetstream",
            "NATS JetStream, `sync_interval: always` (durable)",
            _nats("jetstream.conf", "-sd", "{data}"),
            ("--driver", "jetstream"),
        ),
        Peer(
            "threads",
            "grpcio, a thread a stream",
            (sys.executable, str(HERE / "peers" / "usual_threads.py"), "127.0.0.1:{port}"),
            _USUAL_PYTHON,
            most_streams=1000,
        ),
        Peer(
            "aio",
            "grpc.aio, a task a stream",
            (sys.executable, str(HERE / "peers" / "usual_aio.py"), "127.0.0.1:{port}"),
            _USUAL_PYTHON,
            most_streams=1000,
        ),
    )
}
