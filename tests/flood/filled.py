"""A store with messages, made without a server."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from chat_grpc.core.entry import NO_KEY, Command, Entry
from chat_grpc.core.events import message_content, to_room
from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.journal.sqlite import SqliteJournal
from chat_grpc.system_clock import event_clock

TOKEN = "the token of a guest"
TEXT = "some words that many of the messages share, such as meeting and budget "


async def fill(folder: Path, guest: str, count: int, text: str = TEXT) -> str:
    """Write messages of a guest with the token `TOKEN` to the lobby; return the id of the log.

    Each message is the text with a number from 0.
    """
    journal = SqliteJournal(folder, clock=event_clock())
    await journal.open(lambda _: None)
    user = await journal.add_guest(guest, guest, hashlib.sha256(TOKEN.encode()).digest())
    for number in range(count):
        now = time.time_ns()
        content = message_content(now, user.author, to_room("lobby"), f"{text}{number}".encode())
        command = Command(user.number, (LOBBY_CHANNEL,), content, now, NO_KEY)
        journal.append(Entry(command, None))
        if number % 1000 == 999:
            await journal.drained(user.number)
    await journal.close()
    return journal.log_id
