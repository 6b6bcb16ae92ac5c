"""`chat-grpc` on the event loop of asyncio, as on a platform that has no uvloop."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.modules["uvloop"] = None  # an import of it raises ImportError
    from chat_grpc.__main__ import main

    main()
