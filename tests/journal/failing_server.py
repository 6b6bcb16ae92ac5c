"""A server on a disk whose syncs fail as soon as a file exists.

The arguments are the name of that file, and then the arguments of `chat-grpc`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import apsw
from journal.faulty_vfs import Operation, faulty, io_error

from chat_grpc.__main__ import main


def run(trigger: Path) -> None:
    """Run the server."""

    def fault(operation: Operation) -> None:
        if operation.kind == "sync" and trigger.exists():
            raise io_error(apsw.SQLITE_IOERR_FSYNC)

    with faulty(for_all=True) as disk:
        disk.fault = fault
        main(sys.argv[1:])


if __name__ == "__main__":
    run(Path(sys.argv.pop(1)))
