"""The state of a node at one moment, for administrators and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of a node. Sizes are in bytes."""

    version: str
    node: str
    start_time: int
    """The time when the node started, in nanoseconds since 1970."""
    log_id: str
    head_sequence: int
    """The newest sequence that was delivered."""
    oldest_sequence: int
    """The oldest sequence that is kept; 0 in an empty log."""
    client_count: int
    """Users with at least one open stream."""
    stream_count: int
    lagging_users: tuple[str, ...]
    """The user of each stream that is catching up, because it resumes or lags."""
    silent_call_count: int
    """Calls that have not sent their first request."""
    queued_bytes: int
    """Size of the queues of all streams."""
    longest_queue_bytes: int
    """Size of the longest queue of a stream."""
    feed_bytes: int
    """Size of the events for all streams that at least one live stream has not taken."""
    scheduled_stream_count: int
    """Streams that wait for a write, or are being written."""
    held_names: frozenset[str]
    """The keys of the names that are in use or held for somebody who left."""
    unannounced_count: int
    """Users whose arrival or departure is not announced yet."""
    indexed_sequence: int
    """Searches find the messages up to this sequence."""
    running_search_count: int
    waiting_search_count: int
    """Searches that wait for a thread, or for another search of their user."""
    draining: bool
    """True once new streams are refused."""
    backing_up: bool
    """True while a copy of the store is made or sent."""
    erasing_accounts: bool
    """True while something of deleted accounts may be left to erase."""
    erasing_rooms: bool
    """True while messages of deleted rooms are left to erase."""
    refused_admin_calls: int
    """Calls for admins that were refused to other users since the start."""
    refusals: Mapping[str, int]
    """The number of requests, calls and connections that a limit refused, by its option."""
