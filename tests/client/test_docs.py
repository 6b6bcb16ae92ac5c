"""The programs in the documentation run unchanged."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from pathlib import Path

from support import UNIT, eventually

from chat_grpc.client import ChatClient
from chat_grpc.server import Server

PAGE = Path(__file__).parents[2] / "docs" / "sdk-reference.md"


def programs(folder: Path, address: str) -> list[subprocess.Popen[str]]:
    """Start each program of a page, with this server."""
    started = []
    for number, text in enumerate(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)):
        path = folder / f"program_{number}.py"
        path.write_text(text.replace("localhost:50051", address))
        started.append(
            subprocess.Popen(
                [sys.executable, path],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    return started


async def test_programs(server: Server, tmp_path: Path) -> None:
    """Each program ends without an error, or runs until it is interrupted."""
    address = f"127.0.0.1:{server.port}"
    running = await asyncio.to_thread(programs, tmp_path, address)
    assert len(running) > 10
    endless = {"alice", "dora", "echo", "watcher"}
    try:
        async with ChatClient.connect(address, name="zoe") as chat:

            async def only_endless() -> bool:
                return {client.name for client in await chat.clients()} == endless | {"zoe"}

            await eventually(lambda: sum(p.poll() is not None for p in running) > 5, 40)
            await eventually(only_endless, 40)
            await chat.send("hello?", "echo")
            async with asyncio.timeout(10 * UNIT):
                async for event in chat:
                    if event.message.author.name == "echo" and event.message.text == "hello?":
                        break
        for program in running:
            if program.poll() is None:
                program.send_signal(signal.SIGINT)
        ends = [await asyncio.to_thread(p.communicate, timeout=10 * UNIT) for p in running]
        for program, (_, errors) in zip(running, ends, strict=True):
            interrupted = program.returncode == -signal.SIGINT
            assert program.returncode == 0 or interrupted, errors
            assert not errors or (interrupted and errors.endswith("KeyboardInterrupt\n")), errors
    finally:
        for program in running:
            program.kill()
            program.communicate()
