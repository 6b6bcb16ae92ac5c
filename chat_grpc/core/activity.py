"""Activity: the streams, guests, calls and refusals of a node, as its console tells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from chat_grpc.core.errors import ChatError

AT_ONCE: Final = 5
"""Notes of one kind that are kept between two calls of `take`; further ones are only counted."""


class Note(NamedTuple):
    """One thing that happened."""

    kind: str
    """The words of the console, for example `stream opened`."""
    values: Mapping[str, object]
    """Names and numbers; never a text of a message, a token or a password."""


class Activity:
    """Collects notes and refusals for the console. Belongs to the event loop.

    A note costs about a microsecond, and memory is bounded: in a storm of connects most are only
    counted.
    """

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._counts: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        """The refused calls and requests since the start, by `RequestError.reason`.

        Those that a limit refused are not among them: see `Quotas.refusals`.
        """
        self.refused_addresses: dict[str, str] = {}
        """The address of the newest refusal of each reason."""

    def note(self, kind: str, **values: object) -> None:
        """Note one thing that happened."""
        self._counts[kind] += 1
        if self._counts[kind] <= AT_ONCE:
            self._notes.append(Note(kind, values))

    def take(self) -> tuple[list[Note], dict[str, int]]:
        """Return the notes since the last call, and how many more there were of each kind."""
        notes, counts = self._notes, self._counts
        if not notes:
            return [], {}
        self._notes, self._counts = [], Counter()
        return notes, {kind: n - AT_ONCE for kind, n in counts.items() if n > AT_ONCE}

    def refused(self, error: ChatError, address: str) -> None:
        """Count a refused call or request of an address."""
        if "limit" not in error.metadata:
            self.refusals[error.reason] += 1
            self.refused_addresses[error.reason] = address

    def refusing(self, address: str) -> Refusing:
        """Count the `ChatError` of a block as a refusal."""
        return Refusing(self, address)


class Refusing:
    """Counts the `ChatError` of a `with` block as a refusal of an address.

    It is a class because `contextlib.contextmanager` takes four times as long, and each call uses
    it.
    """

    __slots__ = ("_activity", "_address")

    def __init__(self, activity: Activity, address: str) -> None:
        self._activity = activity
        self._address = address

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        """Count the error, and let it pass."""
        if isinstance(error, ChatError):
            self._activity.refused(error, self._address)
