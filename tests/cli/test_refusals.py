"""The sentences of errors: the end of a mute or a ban is a local time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import grpc
import pytest
from chat_grpc_cli.refusals import error_words

from chat_grpc.client import ChatError, Refused, Unreachable
from chat_grpc.core.moderation import Ban, Mute

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 1, 14, 0, tzinfo=ZONE)
START = int(NOW.timestamp())


def refused(error: object) -> Refused:
    """Return the SDK's error for one of the server."""
    reason, metadata = getattr(error, "reason", ""), getattr(error, "metadata", {})
    return Refused(grpc.StatusCode.PERMISSION_DENIED, reason, str(error), metadata)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            refused(Mute(5, "#ops", START + 600, "before 2026-03-01 12:00:00 UTC").error(START)),
            "You are muted in #ops until 14:10 (10m 00s): before 2026-03-01 12:00:00 UTC.",
        ),
        (
            refused(Ban(1, 5, "", START + 86400, "spam").error(START)),
            "You are banned until 2026-03-02 14:00 (1d 00h): spam.",
        ),
        (
            refused(Ban(1, 5, "", 0, "since 2026-03-01 12:00:00 UTC").error(START)),
            "You are banned: since 2026-03-01 12:00:00 UTC.",
        ),
        (
            Refused(
                grpc.StatusCode.PERMISSION_DENIED, "MUTED", "muted", {"expire_time": "tomorrow"}
            ),
            "muted",
        ),
        (Unreachable("No server answers."), "No server answers."),
    ],
)
def test_the_end_is_a_local_time(error: ChatError, words: str) -> None:
    """The time of the server's sentence is local, with the time left; a reason stays as it is."""
    assert error_words(error, NOW) == words
