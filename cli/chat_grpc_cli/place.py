"""The place of a user: the state from which the next start of the terminal resumes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_grpc.client import Position
from chat_grpc_cli.conversation import LOBBY
from chat_grpc_cli.files import read_json, replace_file, state_folder, user_file_name

_MAX_OWN = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the log, and the current conversation."""

    position: Position | None = None
    """The position after the last event that was shown; None at the first start."""
    conversation: str = LOBBY
    own: frozenset[int] = frozenset()
    """Sequences of the user's own events after the position, which were shown when sent."""


class Places:
    """Stores the place of each user on each server, in a file that only its owner can read.

    Blocks on the disk. `put` raises `StateUnusable` if it cannot write. A file that is damaged or
    cannot be read counts as missing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is for tests; the default is the folder of the tokens."""
        self._folder = folder or state_folder()

    def get(self, server: str, name: str) -> Place:
        """Return the place of a user, or an empty one."""
        try:
            return _read(read_json(self._path(server, name)))
        except (OSError, ValueError, KeyError, TypeError):
            return Place()

    def put(self, server: str, name: str, place: Place) -> None:
        """Store the place of a user."""
        position = place.position or Position("", 0)
        kept = {
            "server": server,
            "name": name,
            "log_id": position.log_id,
            "sequence": position.sequence,
            "incarnation": position.incarnation,
            "conversation": place.conversation,
            "own": sorted(own for own in place.own if own > position.sequence)[-_MAX_OWN:],
        }
        # Not durable: after a crash of the machine an older place shows events again.
        replace_file(self._path(server, name), json.dumps(kept, indent=1), durable=False)

    def _path(self, server: str, name: str) -> Path:
        return self._folder / user_file_name("place", server, name)


def _read(kept: Any) -> Place:
    log_id, sequence, conversation = kept["log_id"], kept["sequence"], kept["conversation"]
    incarnation = kept.get("incarnation", "")  # version 0.1.0 has none
    own = frozenset(int(each) for each in kept["own"])
    good = isinstance(log_id, str) and isinstance(incarnation, str)
    good = good and isinstance(sequence, int) and 0 <= sequence < 2**63
    if not good or not isinstance(conversation, str) or conversation[:1] not in {"#", "@"}:
        raise ValueError("it is damaged")
    return Place(Position(log_id, sequence, incarnation) if log_id else None, conversation, own)
