"""A server with Python statements run before it: `patched_server.py STATEMENTS ARGUMENTS…`."""

from __future__ import annotations

import sys

from chat_grpc.__main__ import main

if __name__ == "__main__":
    exec(sys.argv.pop(1))
    main()
