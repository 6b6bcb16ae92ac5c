"""The sentences of errors, with the times of this time zone. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from chat_grpc.client import ChatError, Refused
from chat_grpc_cli.quantities import age
from chat_grpc_cli.render import clock

# The first time in a sentence is the end of the ban or mute; a reason may have others.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")


def error_words(error: ChatError, now: datetime) -> str:
    """Return the sentence of an error; not yet safe to show.

    The server writes the end of a mute or a ban in UTC. It is replaced by the local time, and by
    how long that is from `now`.
    """
    text = str(error)
    if not isinstance(error, Refused) or "expire_time" not in error.metadata:
        return text
    try:
        end = datetime.fromisoformat(error.metadata["expire_time"]).astimezone(now.tzinfo)
    except ValueError:  # another server's spelling
        return text
    shown = clock(end) if end.date() == now.date() else f"{end:%Y-%m-%d %H:%M}"
    left = age((end - now).total_seconds())
    return _MOMENT.sub(f"{shown} ({left})", text, count=1)
