"""A store that was rolled back to an older copy between two starts."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

from client.scripted import RecordedBackoff, live
from support import UNIT, free_port, running

from chat_grpc.client import ChatClient
from chat_grpc.v1 import chat_pb2


async def write(port: int, count: int) -> None:
    """Send messages to everyone, as another user."""
    async with ChatClient.connect(f"127.0.0.1:{port}", name="writer") as writer:
        await asyncio.gather(*(writer.send(f"line {n}") for n in range(count)))


async def recovery(port: int, resume: Path) -> chat_pb2.Recovery.ValueType:
    """Start a program that resumes, take the events up to the head, and end it in order."""
    async with ChatClient.connect(
        f"127.0.0.1:{port}", name="reader", resume_file=resume, backoff=RecordedBackoff()
    ) as reader:
        async with asyncio.timeout(20 * UNIT):
            first, *_ = await live(reader)
        await reader.save()
    return first.welcome.recovery


async def test_a_store_that_was_rolled_back(tmp_path: Path) -> None:
    """A program is told that events are missing, although the copy has grown past its position."""
    port, resume = free_port(), tmp_path / "reader.json"
    data, copy = tmp_path / "data", tmp_path / "copy"
    options = {"listen": f"127.0.0.1:{port}", "data": str(data)}
    async with running(**options):
        assert await recovery(port, resume) == chat_pb2.RECOVERY_FRESH
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("*.sock"))
    async with running(**options):
        await write(port, 10)
        assert await recovery(port, resume) == chat_pb2.RECOVERY_COMPLETE
    seen = json.loads(resume.read_text())["sequence"]
    shutil.rmtree(data)
    copy.rename(data)
    async with running(**options):
        await write(port, 30)
        assert await recovery(port, resume) == chat_pb2.RECOVERY_OTHER_LOG
        assert json.loads(resume.read_text())["sequence"] > seen
        assert await recovery(port, resume) == chat_pb2.RECOVERY_COMPLETE
    async with running(**options):
        assert await recovery(port, resume) == chat_pb2.RECOVERY_COMPLETE
