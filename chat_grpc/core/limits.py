"""What the server accepts and how long it waits. Sizes are in bytes, times in seconds."""

from __future__ import annotations

from typing import Final

MAX_TEXT_BYTES: Final = 16 * 1024
"""The longest text of a message, in UTF-8."""

MAX_REQUEST_BYTES: Final = 64 * 1024
"""The longest request; gRPC itself refuses a longer one."""

MAX_NAME_LENGTH: Final = 32
"""The longest name, in characters."""

MAX_REQUEST_ID_LENGTH: Final = 64
"""The longest `request_id`, in characters."""

REQUEST_ID_LIFETIME: Final = 86400.0
"""How long a `request_id` is known, at the least."""

MAX_AGENT_LENGTH: Final = 128
"""What is kept of `Hello.agent`, in characters."""

MAX_DEVICE_ID_LENGTH: Final = 128
"""The longest `Hello.device_id`, in characters."""

MAX_OUTBOX_BYTES: Final = 1024 * 1024
"""What may wait for one stream; over it, the stream has fallen behind."""

FEED_SLACK: Final = 128 * 1024
"""A feed is looked through for streams that have fallen behind when it has grown by so much."""

MAX_RESPONSE_BYTES: Final = 256 * 1024
"""About how much one response joins: the receiver parses it whole."""

MAX_UNANSWERED: Final = 1024
"""Requests of one stream that wait for the log; the next is not read before one is answered."""

MAX_PAGE: Final = 1000
"""The longest page of a list."""

DEFAULT_PAGE: Final = 100
"""The length of a page where none is asked for."""

MAX_MESSAGE_PAGE: Final = 300
"""The longest page of messages."""

DEFAULT_MESSAGE_PAGE: Final = 50
"""The length of a page of messages where none is asked for."""

MAX_PAGE_BYTES: Final = 2 * 1024 * 1024
"""A page of messages ends here, whatever was asked for: gRPC clients take 4 MiB unless told."""

MAX_BLOCK_BYTES: Final = 128 * 1024
"""About how much of the log a stream that catches up is given at once."""

MAX_PAGE_ROWS: Final = 2000
"""The most events that one read of the log gives a stream that catches up."""

MAX_TAIL_BYTES: Final = 4 * 1024 * 1024
"""How much of the log's end is kept in memory for streams that are a little behind."""

MAX_BLOCKS_BYTES: Final = 16 * 1024 * 1024
"""How much of what was read of the log is kept for others that read it: two pages for each of them,
and no more than this."""

STALLED: Final = 60.0
"""How long a stream may take nothing at all before it ends."""

RESPONSE_STALLED: Final = 10.0
"""How long a unary call may take to read its response before it ends."""

MAX_PENDING_RESPONSES: Final = 8 * 1024 * 1024
"""Maximum size of the unread unary responses of one user, or of one address without a token."""

MAX_ALL_PENDING_RESPONSES: Final = 64 * 1024 * 1024
"""Maximum size of the unread unary responses of all callers together."""

MAX_SILENT_CALLS: Final = 256
"""Maximum number of calls from one address that have not sent their first request."""

MAX_STREAMS_PER_USER: Final = 32
"""Maximum number of streams that one user has open."""

NAME_HOLD: Final = 120.0
"""How long a guest's name is kept after the last stream."""

PRESENCE_GRACE: Final = 10.0
"""How long a client may be away before the others are told that it left."""

PRESENCE_RATE: Final = 1000.0
"""How many responses a second may go into telling who came and left, over all streams."""

PRESENCE_BUDGET: Final = 200_000
"""How many presence events one tick may cost, over all streams."""

TYPING_STEP: Final = 1.0
"""How often the others are told that somebody is typing in one place, in seconds."""

MAX_TYPING_PLACES: Final = 4
"""In so many places a stream's user is told to be typing within `TYPING_STEP`."""

MEMBERSHIP_KEPT: Final = 120.0
"""How long the hub remembers a membership that ended; then only the store does."""

MAX_TOPIC_LENGTH: Final = 250
"""The longest text of what a room is about, in characters."""

MAX_MENTIONS: Final = 20
"""The maximum number of different mentions that are looked up for one text."""

MAX_RANGES: Final = 200
"""So many parts of the log are read one by one; more are looked for in all of it."""

GUEST_LIFETIME: Final = 30 * 86400.0
"""How long a guest's token lives after its last use."""
