"""Reactions in stores from before emoji had one spelling."""

from __future__ import annotations

from pathlib import Path

from journal.asking import ALICE, BOB, react, say
from journal.opened import opened
from support import store_of

from chat_grpc.core.stream import LOBBY_CHANNEL
from chat_grpc.journal.check import check
from chat_grpc.v1 import chat_pb2

OLD, NEW = "❤", "❤\ufe0f"
LOBBY = (LOBBY_CHANNEL,)


async def test_a_reaction_in_an_old_spelling_is_the_same_reaction(tmp_path: Path) -> None:
    """An old spelling is counted with the others, not added twice, and can be removed."""
    async with opened(tmp_path) as it:
        for user in (ALICE, BOB):
            await it.journal.add_guest(user.name, user.key, user.key.encode())
        said = (await it.answer(say(ALICE, "lobby", "hello"))).outcome.sequence
        await it.answer(react(ALICE, said, LOBBY, OLD))
        await it.answer(react(BOB, said, LOBBY, NEW))

        async def counted() -> list[tuple[str, int]]:
            [stored] = await it.journal.history.messages(
                LOBBY, ALICE, before=said + 1, after=0, limit=1
            )
            return [(each.emoji, each.user_count) for each in stored.reactions]

        assert await counted() == [(NEW, 2)]
        again = await it.answer(react(ALICE, said, LOBBY, NEW))
        assert again.outcome.channels == (f"@{ALICE.number}",)
        assert await counted() == [(NEW, 2)]
        gone = await it.answer(react(ALICE, said, LOBBY, NEW, remove=True))
        assert chat_pb2.Event.FromString(gone.outcome.content).reaction.emoji == OLD
        assert gone.outcome.channels == LOBBY
        assert await counted() == [(NEW, 1)]
    findings = [each for each in check(store_of(tmp_path)) if not each.startswith("users:")]
    assert findings == []
