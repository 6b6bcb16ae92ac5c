"""The text of a message as it is sent, made from the text that the user typed. Pure."""

from __future__ import annotations

import re

from chat_grpc.client import To
from chat_grpc_cli.emojis import find_emoji
from chat_grpc_cli.people import People, number_in

ACTION = "/me "
"""The beginning of a message that says what its author does; see XEP-0245 of XMPP."""

_EMOJI = re.compile(r"(?<![\w:])(:[A-Za-z0-9_+&’'.()-]+:)(?![\w:])")
_CODE = re.compile(r"(`[^`]+`)")
_ADDRESSED = re.compile(r"([^\s:@/`]+):(?=\s|$)")


def as_sent(text: str, to: To, people: People) -> str:
    """Return the text to send: with emoji for their names, and a mention for a name before a `:`.

    In a direct conversation nobody needs a mention. The text between backticks is unchanged.
    """
    if to is None or (isinstance(to, str) and to.startswith("#")):
        text = _with_mention(text, people)
    return with_emoji(text)


def with_emoji(text: str) -> str:
    """Replace names such as `:tada:` by their emoji, except in code and inside words."""
    if text.count(":") < 2:
        return text
    parts = _CODE.split(text)
    parts[::2] = [_EMOJI.sub(lambda name: find_emoji(name[1]), part) for part in parts[::2]]
    return "".join(parts)


def _with_mention(text: str, people: People) -> str:
    """Turn `bob: hello` into `@bob: hello` if a user bob was seen."""
    found = _ADDRESSED.match(text)
    if found is None:
        return text
    number = number_in(found[1])
    known = people.knows(number) if number and "#" in found[1] else people.named(found[1])
    return f"@{text}" if known else text
