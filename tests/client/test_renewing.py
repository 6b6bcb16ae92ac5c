"""Programs that renew a token that the server does not know."""

from __future__ import annotations

import pytest
from client.scripted import Scripted, Visit, entered, meeting, next_of, status
from grpc import StatusCode

from chat_grpc.client import ChatError, Refused, Unreachable


def unknown(visit: Visit) -> None:
    """End a stream as a server does that does not know the token."""
    visit.end(status(StatusCode.UNAUTHENTICATED, "BAD_CREDENTIALS"))


async def test_another_token(script: Scripted) -> None:
    """The next stream has the program's new token, and no name."""
    asked: list[str] = []

    async def renew(refused: str) -> str:
        asked.append(refused)
        return "new"

    entering, visit = await entered(script, token="old", renew_token=renew)
    unknown(visit)
    second = await script.visit()
    assert (second.metadata["authorization"], second.hello.name) == ("Bearer new", "")
    await second.welcome(token="new")
    chat = await entering
    assert (asked, chat.token) == (["old"], "new")
    await chat.close()


async def test_after_a_lost_connection(script: Scripted) -> None:
    """The token is also renewed when a server returns without its store."""

    async def renew(_: str) -> str:
        return "new"

    async with meeting(script, renew_token=renew) as (_, visit):
        visit.drop()
        unknown(await script.visit())
        third = await script.visit()
        assert third.metadata["authorization"] == "Bearer new"
        await third.welcome(token="new")


async def test_the_server_is_away(script: Scripted) -> None:
    """A renewal that does not reach the server is retried."""
    answers: list[str | ChatError] = [Unreachable("away"), "new"]

    async def renew(_: str) -> str:
        answer = answers.pop(0)
        if isinstance(answer, ChatError):
            raise answer
        return answer

    entering, visit = await entered(script, token="old", renew_token=renew)
    unknown(visit)
    unknown(await script.visit())
    third = await script.visit()
    assert third.metadata["authorization"] == "Bearer new"
    await third.welcome(token="new")
    await (await entering).close()


async def test_the_same_token(script: Scripted) -> None:
    """A program without another token gets the refusal."""

    async def renew(refused: str) -> str:
        return refused

    entering, visit = await entered(script, token="old", renew_token=renew)
    unknown(visit)
    with pytest.raises(Refused) as caught:
        await entering
    assert caught.value.reason == "BAD_CREDENTIALS"


async def test_a_renewal_that_fails(script: Scripted) -> None:
    """The error of a failed renewal ends the client, and the program gets it."""

    async def renew(_: str) -> str:
        raise ChatError("the disk is full")

    async with meeting(script, renew_token=renew) as (chat, visit):
        visit.drop()
        unknown(await script.visit())
        with pytest.raises(ChatError, match="the disk is full"):
            await next_of(chat, 3)
