"""The users who type at the moment. Pure."""

from __future__ import annotations

from chat_grpc_cli.conversation import same
from chat_grpc_cli.people import Label

TYPING_FOR = 6.0
"""Seconds for which a user counts as typing. Clients repeat the event every 3 seconds."""


class TypingUsers:
    """The users by the conversation in which they type."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, int], float] = {}

    def types(self, conversation: str, number: int, now: float) -> None:
        """Note that a user types; `now` is in seconds of a monotonic clock."""
        self._until[conversation, number] = now + TYPING_FOR

    def wrote(self, conversation: str, number: int) -> None:
        """Note that a message of a user arrived."""
        self._until.pop((conversation, number), None)

    def clear(self) -> None:
        """Forget all users, because another log has other numbers."""
        self._until.clear()

    def labels(self, now: float, current: str, label: Label) -> list[str]:
        """Return the users, those of the current conversation first; not yet safe."""
        self._until = {who: until for who, until in self._until.items() if until > now}
        here, direct, rooms = [], [], []
        for where, number in self._until:
            name = label(number, "")
            if same(where, current):
                here.append(name)
            elif where.startswith("@"):
                direct.append(name)
            else:
                rooms.append(f"{name} in {where}")
        return [*here, *direct, *rooms]
