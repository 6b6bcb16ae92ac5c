"""The users and rooms that a word of the user names."""

from __future__ import annotations

from collections.abc import Sequence

from chat_grpc.client.arguments import Recipient
from chat_grpc_cli.people import People, number_in
from chat_grpc_cli.registry import UsageError


def parse_to(word: str) -> Recipient:
    """Parse a target: a `#room`, a name, a number, or a name with its number; @ is optional."""
    number = number_in(word)
    if number is not None:
        return number
    return word if word.startswith("#") else word.removeprefix("@")


def addressee(word: str, people: People) -> Recipient:
    """Parse a target; return the number of a user who is known.

    Raises `UsageError` if several users have had the name: the user has to choose.
    """
    to = parse_to(word)
    if not isinstance(to, str) or to.startswith("#"):
        return to
    match people.named(to):
        case []:
            return to
        case [number]:
            return number
        case several:
            raise UsageError(_which(several, people))


def _which(numbers: Sequence[int], people: People) -> str:
    known = [f"{people.label(n)} ({'here' if people.is_here(n) else 'away'})" for n in numbers]
    return f"Several users have had this name: {', '.join(known)}. Add the number."
