"""Block lists, as the newest delivered entry left them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chat_grpc.core.account_changes import BLOCKED, DELETED, UNBLOCKED, AccountChanged
from chat_grpc.core.errors import BlockedByUser, ChatError, UserBlocked


class Blocks:
    """The users whom each user blocked. Belongs to the event loop."""

    def __init__(self, known: Iterable[tuple[int, int]] = ()) -> None:
        """`known` are the pairs at the head of the log: a user, and a user whom they blocked."""
        self._of: dict[int, set[int]] = {}
        for user, other in known:
            self._add(user, other)

    def _add(self, user: int, other: int) -> None:
        self._of.setdefault(user, set()).add(other)

    def has(self, user: int, other: int) -> bool:
        """Return whether a user blocked another."""
        return other in self._of.get(user, ())

    def between(self, one: int, other: int) -> bool:
        """Return whether one of two users blocked the other."""
        return self.has(one, other) or self.has(other, one)

    def of(self, user: int) -> list[int]:
        """Return the numbers of the users whom a user blocked, sorted."""
        return sorted(self._of.get(user, ()))

    def willing(self, numbers: Sequence[int], author: int) -> Sequence[int]:
        """Return those of some users who did not block an author."""
        if not self._of:
            return numbers
        return [number for number in numbers if not self.has(number, author)]

    def check(self, author: int, channels: tuple[str, ...]) -> None:
        """Raise `BlockedByUser` or `UserBlocked` if an author may not write in a conversation.

        Only direct conversations are affected.
        """
        other = other_side(author, channels) if self._of else 0
        if other and (error := refusal(self.has(other, author), self.has(author, other), other)):
            raise error

    def apply(self, changed: AccountChanged) -> None:
        """Apply a change that was stored."""
        values = changed.values
        if changed.what == BLOCKED:
            self._add(values["user"], values["other"])
        elif changed.what == UNBLOCKED:
            self._remove(values["user"], values["other"])
        elif changed.what == DELETED and changed.user is not None:
            gone = changed.user.number
            self._of.pop(gone, None)
            for user in [user for user, others in self._of.items() if gone in others]:
                self._remove(user, gone)

    def _remove(self, user: int, other: int) -> None:
        others = self._of.get(user, set())
        others.discard(other)
        if not others:
            self._of.pop(user, None)


def other_side(author: int, channels: tuple[str, ...]) -> int:
    """Return the number of the other side of a direct conversation.

    0 for a room, and for messages of a user to themselves.
    """
    if len(channels) < 2 or channels[0][0] != "@":
        return 0
    one, other = (int(channel[1:]) for channel in channels)
    return other if one == author else one


def refusal(blocked: bool, blocks: bool, other: int) -> ChatError | None:
    """Return the error for a user who writes to another; None if there is none.

    `blocked` is whether the other user blocked the author, `blocks` the reverse.
    """
    metadata = {"client_number": str(other)}
    if blocks:
        return UserBlocked(
            f"You blocked user {other}; unblock them before you write to them.", metadata=metadata
        )
    if blocked:
        return BlockedByUser(f"User {other} does not accept this from you.", metadata=metadata)
    return None
