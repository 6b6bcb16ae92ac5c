"""The numbers of users, by their names.

A guest's name is free again two minutes after its last stream; its number never is. So a
conversation is with a number; a name alone may reach another person later.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_grpc.client.errors import UserChanged
from chat_grpc.spelling.names import lookup_key
from chat_grpc.v1 import chat_pb2

MAX_NAMES = 10_000
"""Maximum number of remembered names; above it the least recently seen ones are forgotten."""


@dataclass(slots=True)
class _Known:
    number: int
    """The newest number that was seen with the name."""
    partner: int = 0
    """The number of the direct conversation under this name; 0 without one."""


class KnownUsers:
    """The newest number of each name, and the numbers of direct conversations. Does no I/O.

    A direct conversation starts with the first message to or from a user. From then on the name
    means that user, until the program writes to another number that has the name.
    """

    def __init__(self, most: int = MAX_NAMES) -> None:
        self.me = 0
        """The client's own number."""
        self._most = most
        self._by_key: dict[str, _Known] = {}
        self._keys: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def forget(self) -> None:
        """Forget everyone, because another log has other numbers."""
        self._by_key.clear()
        self._keys.clear()

    def learn(self, event: chat_pb2.Event, kind: str) -> None:
        """Note the names and numbers in an event of the stream."""
        if kind == "message":
            message = event.message
            self.saw(message.author.name, message.author.number)
            if message.HasField("user"):
                author, user = message.author, message.user
                other = user if author.number == self.me else author
                self.saw(other.name, other.number)
                self._met(other.number)
        elif kind == "presence":
            if event.presence.change == chat_pb2.Presence.CHANGE_JOINED:
                self.saw(event.presence.client.name, event.presence.client.number)
        elif kind == "typing":
            self.saw(event.typing.author.name, event.typing.author.number)

    def saw(self, name: str, number: int) -> None:
        """Note that a user has a name now."""
        if not name or number <= 0:
            return
        key = lookup_key(name)
        # Removed and inserted again, so that the first one is the one seen longest ago.
        known = self._by_key.pop(key, None)
        if known is None:
            known = _Known(number)
        elif known.number != number:
            if known.number != known.partner:
                self._keys.pop(known.number, None)
            known.number = number
        self._by_key[key] = known
        self._keys[number] = key
        if len(self._by_key) > self._most:
            oldest = next(iter(self._by_key))
            gone = self._by_key.pop(oldest)
            for each in (gone.number, gone.partner):
                self._keys.pop(each, None)

    def number_of(self, name: str) -> int | None:
        """Return the number that a name means in this session, or None if that is not known."""
        known = self._by_key.get(lookup_key(name))
        return None if known is None else known.partner or known.number

    def check(self, name: str) -> None:
        """Raise `UserChanged` if the name of a conversation belongs to another user now."""
        known = self._by_key.get(lookup_key(name))
        if known is not None and known.partner and known.partner != known.number:
            raise UserChanged.of(name, known.number, known.partner)

    def write_to(self, to: int | str | None) -> int | str | None:
        """Return the target of a message: the number of a name, if it is known.

        Starts the conversation with it. An explicit number settles what its name means. Raises
        `UserChanged`.
        """
        if isinstance(to, str) and not to.startswith("#"):
            self.check(to)
            number = self.number_of(to)
            if number is None:
                return to
            self._met(number)
            return number
        if isinstance(to, int):
            self._confirm(to)
        return to

    def changed(self, error: UserChanged) -> None:
        """Note that, as the server says, another user has the name of a conversation now."""
        if error.client_number and error.previous_number:
            self.saw(error.user, error.previous_number)
            self._confirm(error.previous_number)
            self.saw(error.user, error.client_number)

    def _met(self, number: int) -> None:
        known = self._by_key.get(self._keys.get(number, ""))
        if known is not None and not known.partner:
            known.partner = number

    def _confirm(self, number: int) -> None:
        known = self._by_key.get(self._keys.get(number, ""))
        if known is not None and known.number == number:
            if known.partner not in (0, number):
                self._keys.pop(known.partner, None)
            known.partner = number
