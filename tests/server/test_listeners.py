"""The addresses of a server while it starts, and when the start fails."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from support import free_port

from chat_grpc.config import Config
from chat_grpc.listeners import ListenError
from chat_grpc.local_socket import LocalSocket
from chat_grpc.server import Server


async def accepts(port: int) -> bool:
    """Return True if a port of this machine accepts connections."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def test_a_start_that_fails_listens_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error behind the opening of the addresses closes them, and the store."""
    port, web_port = free_port(), free_port()
    config = Config(
        data=str(tmp_path), listen=f"127.0.0.1:{port}", web_listen=f"127.0.0.1:{web_port}"
    )
    found: list[bool] = []

    async def fail(*_: object) -> None:
        found.extend([await accepts(port), await accepts(web_port)])
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(LocalSocket, "start", fail)
        with pytest.raises(ZeroDivisionError):
            await Server(config).start()
    assert found == [True, True]
    assert [await accepts(port), await accepts(web_port)] == [False, False]
    again = Server(config)
    await again.start()
    await again.stop(0.0)


async def test_a_busy_address_for_browsers_frees_the_other_one(tmp_path: Path) -> None:
    """The address for gRPC is closed if the one for browsers, which was named, is taken."""
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        config = Config(data=str(tmp_path), listen=f"127.0.0.1:{port}", web_listen=taken)
        with pytest.raises(ListenError, match=taken):
            await Server(config).start()
    assert not await accepts(port)


async def test_a_signal_to_reload_may_come_before_the_start() -> None:
    """SIGHUP does nothing before the server has started."""
    Server(Config(data=":memory:")).reload()
