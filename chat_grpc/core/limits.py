"""Limits of the server. Sizes are in bytes and times in seconds unless a text says otherwise."""

from __future__ import annotations

from typing import Final

MAX_TEXT_BYTES: Final = 16 * 1024
"""Maximum size of the text of a message, in UTF-8."""

MAX_REQUEST_BYTES: Final = 64 * 1024
"""Maximum size of a request. The transport refuses a larger one."""

MAX_NAME_LENGTH: Final = 32
"""Maximum length of a name, in characters."""

MAX_REQUEST_ID_LENGTH: Final = 64
"""Maximum length of a `request_id`, in characters."""

REQUEST_ID_LIFETIME: Final = 86400.0
"""Minimum time for which a `request_id` is remembered."""

MAX_AGENT_LENGTH: Final = 128
"""Maximum length of `Hello.agent`, in characters; the rest is dropped."""

MAX_DEVICE_ID_LENGTH: Final = 128
"""Maximum length of `Hello.device_id`, in characters."""

MAX_OUTBOX_BYTES: Final = 1024 * 1024
"""Maximum size of the queue of one stream. A stream above it reads from the log instead."""

FEED_SLACK: Final = 128 * 1024
"""Growth of the feed above `MAX_OUTBOX_BYTES` after which lagging streams are searched."""

MAX_RESPONSE_BYTES: Final = 256 * 1024
"""Approximate maximum size of one response: the receiver parses it in one piece."""

MAX_UNANSWERED: Final = 1024
"""Maximum number of requests of one stream in the log's backlog. Above it reading pauses."""

MAX_OWN: Final = 8 * MAX_UNANSWERED
"""Approximate maximum number of own messages that a stream remembers while it does not read the
events before them. Above it, the stream falls behind, and sends nothing until it has taken a
page."""

MAX_PAGE: Final = 1000
"""Maximum number of items on a page."""

DEFAULT_PAGE: Final = 100
"""Number of items on a page if the request names none."""

MAX_MESSAGE_PAGE: Final = 300
"""Maximum number of messages on a page."""

DEFAULT_MESSAGE_PAGE: Final = 50
"""Number of messages on a page if the request names none."""

MAX_PAGE_BYTES: Final = 2 * 1024 * 1024
"""Maximum size of a page of messages. By default gRPC clients accept responses up to 4 MiB."""

MAX_BLOCK_BYTES: Final = 128 * 1024
"""Approximate size of the pages of the log that a stream gets while it catches up."""

MAX_PAGE_ROWS: Final = 2000
"""Maximum number of events on a page of the log."""

MAX_TAIL_BYTES: Final = 4 * 1024 * 1024
"""Size of the end of the log that is kept in memory, for streams that lag a little."""

MAX_BLOCKS_BYTES: Final = 16 * 1024 * 1024
"""Maximum size of the blocks of the log that are kept for other streams that catch up."""

STALLED: Final = 60.0
"""Time after which a stream that reads nothing ends."""

SLOW: Final = 1.0
"""Seconds for which a write waits until its stream counts as slow."""

RESPONSE_STALLED: Final = 10.0
"""Maximum time in which a unary call must read its response."""

BACKUP_SECONDS: Final = 3600.0
"""Maximum time in which a backup must be read. The copy takes space on the disk meanwhile."""

MAX_PENDING_RESPONSES: Final = 8 * 1024 * 1024
"""Maximum size of the unread unary responses of one user, or of one address without a token."""

MAX_ALL_PENDING_RESPONSES: Final = 64 * 1024 * 1024
"""Maximum size of the unread unary responses of all callers together."""

MAX_SIDE_STREAMS: Final = 256
"""Maximum number of open streams of health and reflection."""

NAME_HOLD: Final = 120.0
"""Time for which a guest's name is held after the last stream ended."""

PRESENCE_GRACE: Final = 10.0
"""Time for which a client may be away before its departure is announced."""

PRESENCE_RATE: Final = 1000.0
"""Maximum number of responses per second that announce presence, over all streams."""

PRESENCE_BUDGET: Final = 200_000
"""Maximum number of presence events in one tick, over all streams."""

TYPING_STEP: Final = 1.0
"""Minimum time between two typing events of a stream in one conversation."""

MAX_TYPING_CHANNELS: Final = 4
"""Maximum number of conversations with typing events of one stream within `TYPING_STEP`."""

MEMBERSHIP_KEPT: Final = 120.0
"""Time for which the hub remembers an ended membership. The store keeps it permanently."""

MAX_TOPIC_LENGTH: Final = 250
"""Maximum length of the topic of a room, in characters."""

MAX_MENTIONS: Final = 20
"""The maximum number of different mentions that are looked up for one text."""

MAX_RANGES: Final = 200
"""Above this number of ranges, one query reads a window of the log instead of each range."""

GUEST_LIFETIME: Final = 30 * 86400.0
"""Time for which a guest's token is valid after its last use."""

ACCOUNT_LIFETIME: Final = 90 * 86400.0
"""Time for which a token of an account is valid after its last use. An open stream is a use. Bot
tokens do not expire."""

ENDED_TOKEN_KEPT: Final = 7 * 86400.0
"""Time for which an expired token is remembered, so that its user learns why it is refused."""

MAX_TOKENS_PER_USER: Final = 100
"""Maximum number of sessions of an account. One more ends the oldest."""

MAX_BOT_TOKENS: Final = 100
"""Maximum number of bot tokens of an account."""

MAX_INVITES: Final = 1000
"""Maximum number of invite codes that can be used."""

MAX_BANS: Final = 10_000
"""Maximum number of bans, and of mutes that are not for one room."""

MAX_MUTES_PER_ROOM: Final = 1000
"""Maximum number of mutes in a room."""

MAX_REASON_LENGTH: Final = 250
"""Maximum length of the reason of a kick or a ban, in characters."""

MAX_FILTER_LENGTH: Final = 100
"""Maximum length of the text that selects items of a list, in characters."""

MAX_FILTER_METHODS: Final = 50
"""Maximum number of methods that select actions of the audit log."""

MAX_SKIP: Final = 1_000_000
"""Maximum number of streams that a list leaves out at its beginning."""

MAX_SANCTION: Final = 3650 * 86400
"""Maximum duration of a mute, and of a ban with an end, in seconds."""

AUDIT_LIFETIME: Final = 365 * 86400.0
"""Time for which the audit log keeps an action."""
MAX_BLOCKED: Final = 1000
"""Maximum number of users whom an account blocks."""

MAX_BLOCKED_BY_GUEST: Final = 100
"""Maximum number of users whom a guest blocks: guests are free."""

MIN_PASSWORD_LENGTH: Final = 8
"""Minimum length of a password, in characters."""

MAX_PASSWORD_LENGTH: Final = 128
"""Maximum length of a password, in characters."""

MAX_LABEL_LENGTH: Final = 64
"""Maximum length of the label of a bot token, in characters."""

MAX_KEPT_EDITS: Final = 32
"""The newest edits of a message that keep their text in the log; older ones are blanked, so that
deleting a message overwrites no more than this many rows."""
