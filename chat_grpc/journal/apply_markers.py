"""The changes of read markers to the tables; see `apply`."""

from __future__ import annotations

import apsw

from chat_grpc.core.changes import Read
from chat_grpc.journal.database import row, run


def move_marker(connection: apsw.Connection, read: Read, user: int, event: int | None) -> bool:
    """Move a user's marker forward; return whether it moved. `event` is its entry, if stored."""
    before = row(
        connection,
        "SELECT sequence, event FROM read_markers WHERE (user, conversation) = (?,?)",
        (user, read.conversation),
    )
    if before is not None and read.up_to <= before[0]:
        return False
    run(
        connection,
        "INSERT INTO read_markers (user, conversation, sequence, event) VALUES (?,?,?,?)"
        " ON CONFLICT DO UPDATE SET sequence = excluded.sequence, event = excluded.event",
        (user, read.conversation, read.up_to, event),
    )
    if before is not None and before[1] is not None:
        run(connection, "INSERT INTO superseded VALUES (?)", (before[1],))
    return True
