"""Random scripts: valid calls and unusual ones, cut and mixed on one connection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from hypothesis import strategies as st
from transport import faults
from transport.faults import HEALTH, REFLECTION, REQUESTS, Change, framed, request
from transport.player import Await, Data, Headers, Op, Raw, Script
from transport.violations import BLOCK

from chat_grpc.transport.http2 import frames
from chat_grpc.transport.http2.frames import ErrorCode, frame

_FRAME = frames.MIN_FRAME_SIZE


def plain_call(
    stream: int,
    path: bytes = HEALTH,
    *,
    change: Change | None = None,
    body: Callable[[bytes], bytes] = framed,
    before: Sequence[Op] = (),
    end: Sequence[Op] | None = None,
) -> list[Op]:
    """Return the operations of a call, with what is unusual about it."""
    fields = request(path)
    data = body(REQUESTS[path].SerializeToString())
    return [
        Headers(stream, change(fields) if change else fields),
        *before,
        *(Data(stream, data[at : at + _FRAME]) for at in range(0, len(data), _FRAME)),
        *(end if end is not None else [Data(stream, b"", end=True)]),
    ]


def noise() -> st.SearchStrategy[Raw]:
    """Return frames that change nothing, between those of calls."""
    return st.one_of(
        st.builds(lambda size: Raw(frames.window_update_frame(0, size)), st.integers(1, 10_000)),
        st.builds(
            lambda size: Raw(frames.settings_frame([(frames.INITIAL_WINDOW_SIZE, size)])),
            st.integers(60_000, 70_000),
        ),
        st.builds(
            lambda kind, flags, stream, data: Raw(frame(kind, flags, stream, data)),
            st.integers(16, 255),  # types that no document defines
            st.integers(0, 255),
            st.integers(0, 20),
            st.binary(max_size=20),
        ),
        st.builds(
            lambda stream, weight: Raw(
                frame(frames.PRIORITY, 0, stream, bytes((0, 0, 0, 0, weight)))
            ),
            st.integers(1, 20),
            st.integers(0, 255),
        ),
    )


@st.composite
def calls(draw: st.DrawFn, script: Script, stream: int) -> list[Op]:
    """Draw a call with at most one unusual part, and note its name in the script."""
    kind = draw(st.sampled_from(["", "headers", "body", "stream", "end", "late", "reset"]))
    # A unary call may be answered before the end of its request. What comes behind the request
    # goes to a stream, so that the answer does not depend on which is first.
    path = draw(st.sampled_from(list(REQUESTS))) if kind == "" else REFLECTION
    script.paths[stream] = path
    if kind == "":
        return plain_call(stream, path)
    if kind == "reset":
        ops = plain_call(stream, path)
        at = draw(st.integers(1, len(ops)))
        script.cancelled.add(stream)
        reset = Raw(frames.reset_frame(stream, draw(st.sampled_from(ErrorCode))))
        late = [Raw(frame(frames.DATA, 0, stream, b"x"))] if draw(st.booleans()) else []
        return [*ops[:at], reset, *late]
    name = script.names[stream] = draw(st.sampled_from(list(_PARTS[kind])))
    match kind:
        case "headers":
            return plain_call(stream, path, change=faults.HEADERS[name])
        case "body":
            return plain_call(stream, path, body=faults.BODIES[name])
        case "stream":
            return plain_call(stream, path, before=[*faults.ON_STREAM[name](stream), Await(0)])
        case "end":
            return plain_call(stream, path, end=faults.ENDS[name](stream))
    return [*plain_call(stream, path), Await(stream), *faults.LATE[name](stream), Await(0)]


_PARTS: Mapping[str, Collection[str]] = {
    "headers": faults.HEADERS,
    "body": faults.BODIES,
    "stream": faults.ON_STREAM,
    "end": faults.ENDS,
    "late": faults.LATE,
}

_WITHOUT_STREAM = [
    name for name, data in faults.CONNECTION.items() if frames.unpack_header(data)[4] == 0
]
"""Violations that do not depend on the streams that there are."""


@st.composite
def cut(draw: st.DrawFn, ops: list[Op]) -> list[Op]:
    """Draw how header blocks and DATA are divided into frames and encoded."""
    found: list[Op] = []
    for op in ops:
        match op:
            case Headers():
                cuts = tuple(draw(st.lists(st.integers(0, 40), max_size=3)))
                found.append(op._replace(indexed=draw(st.booleans()), cuts=cuts))
            case Data(stream, data, end, None) if data:
                at = draw(st.integers(0, len(data)))
                found += [Data(stream, data[:at]), Data(stream, data[at:], end)]
            case _:
                found.append(op)
    return found


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Draw one to four calls that overlap, noise between them, and a violation at the end."""
    script = Script([])
    count = draw(st.integers(1, 4))
    waiting = [draw(cut(draw(calls(script, 2 * number + 1)))) for number in range(count)]
    begun = 0
    while any(waiting):
        # Streams must begin in the order of their numbers.
        ready = [number for number in range(begun) if waiting[number]]
        if begun < count:
            ready.append(begun)
        chosen = draw(st.sampled_from(ready))
        begun = max(begun, chosen + 1)
        script.ops.append(waiting[chosen].pop(0))
        if draw(st.integers(0, 5)) == 0:
            script.ops.append(draw(noise()))
    if draw(st.integers(0, 9)) == 0:
        script.ops += [Await(stream) for stream in script.streams if stream not in script.cancelled]
        name = script.names[0] = draw(st.sampled_from(_WITHOUT_STREAM))
        script.ops += [Raw(faults.CONNECTION[name]), Await(0)]
    return script


@st.composite
def garbage(draw: st.DrawFn) -> Script:
    """Draw whole frames of any kind, some of them behind a valid call."""
    ops = plain_call(1) if draw(st.booleans()) else []
    some = st.builds(
        frame,
        st.integers(0, 12),
        st.integers(0, 255),
        st.integers(0, 9),
        st.one_of(st.binary(max_size=40), st.just(BLOCK)),
    )
    return Script([*ops, *map(Raw, draw(st.lists(some, min_size=1, max_size=12))), Await(0)])
