"""The work of the commands for the operation of a server."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chat_grpc.client import ChatCalls, Unreachable
from chat_grpc.v1 import admin_pb2
from chat_grpc_cli.quantities import age, counted, number, rate, size
from chat_grpc_cli.sanitize import safe
from chat_grpc_cli.signing_in import print_rows
from chat_grpc_cli.standard_streams import print_line
from chat_grpc_cli.users import Work

_State = admin_pb2.StreamDelivery
STATES = {
    _State.STATE_WAITING: "waiting",
    _State.STATE_WRITTEN: "written",
    _State.STATE_NOT_MEANT: "not meant",
    _State.STATE_UNKNOWN: "unknown",
}

_RENEW_BEFORE = 14 * 86400
"""Seconds before the end of a certificate from which it is warned about."""


def _print_message(message: Message) -> None:
    print_line(MessageToJson(message, indent=None, always_print_fields_with_no_presence=True))


def status(*, as_json: bool) -> Work:
    """Print the state of the server."""

    async def work(calls: ChatCalls) -> None:
        now = await calls.server_status()
        if as_json:
            _print_message(now)
        else:
            print_rows(status_rows(now, datetime.now().astimezone()))

    return work


def status_rows(now: admin_pb2.GetServerStatusResponse, moment: datetime) -> list[tuple[str, str]]:
    """Return the state of a server in words: a title and a text each."""
    up = age(moment.timestamp() - now.start_time.seconds)
    connections = f", {counted(now.connection_count, 'connection')}" if has_connections(now) else ""
    rows = [
        ("server", f"chat-grpc {safe(now.version)}, {safe(now.node)}, up {up}"),
        ("state", state_words(now)),
        ("clients", f"{now.client_count}, {counted(now.stream_count, 'stream')}{connections}"),
        (
            "rates",
            f"{rate(now.stored_per_second)} stored/s, {rate(now.delivered_per_second)} delivered/s",
        ),
        ("log", f"head {now.head_sequence}, oldest {now.oldest_sequence}, {size(now.store_bytes)}"),
        (
            "queues",
            f"{size(now.queued_bytes)}, {counted(now.lagging_stream_count, 'stream')} catching up",
        ),
    ]
    if now.HasField("most_lagging_stream"):
        rows.append(("farthest", lagging_words(now.most_lagging_stream)))
    rows.append(("process", process_words(now)))
    if now.HasField("certificate_expire_time"):
        rows.append(("tls", certificate_words(now, moment)))
    rows.append(("refused", refusal_words(now) or "nothing"))
    return rows


def process_words(now: admin_pb2.GetServerStatusResponse) -> str:
    """Return the memory and the CPU time of the server's process."""
    cpu = f"{age(now.cpu_time.ToMilliseconds() / 1000)} of CPU time"
    return f"{size(now.memory_bytes)} of memory, {cpu}" if now.memory_bytes else cpu


def certificate_words(now: admin_pb2.GetServerStatusResponse, moment: datetime) -> str:
    """Return when the certificate of a server expires."""
    expires = now.certificate_expire_time.seconds
    day = datetime.fromtimestamp(expires).astimezone().strftime("%Y-%m-%d %H:%M")
    left = expires - moment.timestamp()
    if left <= 0:
        return f"the certificate expired at {day}: renew it"
    soon = ": renew it" if expires_soon(now, moment) else ""
    return f"the certificate expires at {day}, in {age(left)}{soon}"


def expires_soon(now: admin_pb2.GetServerStatusResponse, moment: datetime) -> bool:
    """Return whether the certificate of a server expires within 14 days, or has expired."""
    if not now.HasField("certificate_expire_time"):
        return False
    return now.certificate_expire_time.seconds - moment.timestamp() <= _RENEW_BEFORE


def has_connections(now: admin_pb2.GetServerStatusResponse) -> bool:
    """Return whether the server counts its connections."""
    return now.HasField("connection_count")


def state_words(now: admin_pb2.GetServerStatusResponse) -> str:
    """Return the state of a server: serving, draining, or without space."""
    if now.draining:
        return "draining"
    return "disk full: messages are refused" if now.storage_full else "serving"


def lagging_words(stream: admin_pb2.StreamInfo) -> str:
    """Describe a stream that is behind."""
    return f"{safe(stream.user.name)}#{stream.user.number}, {number(stream.behind)} behind"


def refusal_words(now: admin_pb2.GetServerStatusResponse) -> str:
    """Return the counts of refusals, the highest first; empty if nothing was refused."""
    counts = sorted(now.refusals.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{safe(name)} {number(count)}" for name, count in counts)


def explain(sequence: int, *, as_json: bool) -> Work:
    """Print the state of a message on each stream."""

    async def work(calls: ChatCalls) -> None:
        told = await calls.explain(sequence)
        if as_json:
            _print_message(told)
            return
        counts = Counter(STATES[each.state] for each in told.deliveries)
        summary = ", ".join(f"{counts[name]} {name}" for name in STATES.values() if counts[name])
        stored = f"{sequence}: stored {to_milliseconds(told.store_time)}"
        print_line(f"{stored}; {summary or 'no open stream may receive it'}")
        if told.deliveries:
            rows = [_delivery_row(each) for each in told.deliveries]
            print_rows([("stream", "user", "state", "queue", "room"), *rows])

    return work


def _delivery_row(delivery: admin_pb2.StreamDelivery) -> tuple[str, ...]:
    user = delivery.user
    return (
        str(delivery.stream_number),
        f"{safe(user.name)}#{user.number}",
        STATES[delivery.state],
        size(delivery.queued_bytes),
        size(delivery.window_bytes) if delivery.HasField("window_bytes") else "-",
    )


def to_milliseconds(time: Timestamp) -> str:
    """Return a time of the server in the local time zone, to the millisecond."""
    moment = datetime.fromtimestamp(time.seconds + time.nanos / 1e9).astimezone()
    return moment.isoformat(sep=" ", timespec="milliseconds")


def drain(seconds: float, *, as_json: bool) -> Work:
    """Begin to end the server."""

    async def work(calls: ChatCalls) -> None:
        count = await calls.drain(seconds)
        if as_json:
            _print_message(admin_pb2.DrainResponse(stream_count=count))
        else:
            print_line(f"Draining: {counted(count, 'stream')} to leave within {seconds:g} s.")

    return work


def receive(path: Path) -> Work:
    """Write a copy of the server's store to a file of a temporary folder."""

    async def work(calls: ChatCalls) -> None:
        written = total = 0
        with path.open("wb") as out:
            async with aclosing(calls.backup()) as chunks:
                async for each in chunks:
                    total = each.total_bytes
                    written += await asyncio.to_thread(out.write, each.chunk)
        if not written or written != total:
            raise Unreachable(f"The copy ended after {written} of {total} bytes.")

    return work
