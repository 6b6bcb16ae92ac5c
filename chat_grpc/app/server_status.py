"""The state of a node at one moment, for administrators and tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of a node. Sizes are in bytes."""

    version: str
    node: str
    start_time: int
    """When the node started, in nanoseconds since 1970."""
    log_id: str
    head_sequence: int
    """The newest sequence that was delivered."""
    oldest_sequence: int
    """The oldest sequence that is kept; 0 in an empty log."""
    client_count: int
    """Users with at least one open stream."""
    stream_count: int
    lagging_users: tuple[str, ...]
    """The user of each stream that reads from the log, because it resumes or fell behind."""
    silent_call_count: int
    """Calls that have not sent their first request."""
    queued_bytes: int
    """Bytes that wait in the queues of all streams."""
    longest_queue_bytes: int
    """Bytes that wait in the longest queue of a stream."""
    scheduled_stream_count: int
    """Streams that wait for a write, or are being written."""
    held_names: frozenset[str]
    """The keys of the names that are in use or held for somebody who left."""
    unannounced_count: int
    """Users whose arrival or departure the others have not been told yet."""
