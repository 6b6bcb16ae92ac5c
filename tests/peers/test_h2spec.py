"""h2spec, all of its cases. Their names have the sections of RFC 7540 (HTTP/2) and 7541 (HPACK)."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from peers.plain_service import serving_plain
from peers.tools import installed, run
from support import serving

CASES = 146
"""The number of cases of the pinned version, the strict ones included."""

GET_ENDS_AT_ONCE = (
    "h2spec sends `GET /` on many streams and a window of 0, which the DATA of the responses must "
    "wait for. The answer of a gRPC server, 415, has no DATA, so each stream ends at once."
)
GET_HAS_NO_DATA = (
    "h2spec sends `GET /` and waits for the DATA of the response. The answer of a gRPC server, "
    "415, has none."
)

CONTRADICT_GRPC = {
    (
        "generic/2",
        "Sends a WINDOW_UPDATE frame on half-closed (remote) stream",
    ): GET_HAS_NO_DATA,
    ("generic/2", "Sends a PRIORITY frame on half-closed (remote) stream"): GET_HAS_NO_DATA,
    (
        "http2/5.1.2",
        "Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded",
    ): GET_ENDS_AT_ONCE,
    ("http2/6.5.3", "Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE"): GET_HAS_NO_DATA,
    (
        "http2/6.9.1",
        "Sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame",
    ): GET_HAS_NO_DATA,
    (
        "http2/6.9.2",
        "Changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame",
    ): GET_HAS_NO_DATA,
    (
        "http2/6.9.2",
        "Sends a SETTINGS frame for window size to be negative",
    ): GET_HAS_NO_DATA,
}
"""The cases that a gRPC server cannot pass, each with its reason."""

RACES = {
    (
        "http2/6.9",
        "Sends a WINDOW_UPDATE frame with a flow control window increment of 0 on a stream",
    ),
    (
        "http2/6.9.1",
        "Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 "
        "on a stream",
    ),
    ("http2/8.1", "Sends a second HEADERS frame without the END_STREAM flag"),
    (
        "http2/8.1.2.1",
        "Sends a HEADERS frame that contains a pseudo-header field as trailers",
    ),
    (
        "http2/8.1.2.6",
        'Sends a HEADERS frame with the "content-length" header field which does not equal the '
        "DATA frame payload length",
    ),
    (
        "http2/8.1.2.6",
        'Sends a HEADERS frame with the "content-length" header field which does not equal the '
        "sum of the multiple DATA frames payload length",
    ),
}
"""The cases that pass if the server reads their last frame together with the headers.

Otherwise it has answered 415 and closed the stream before, and ignores the frame (RFC 9113, section
5.1). All of them pass where a request is answered after its end.
"""


Names = set[tuple[str, str]]


async def h2spec(port: int, report: Path) -> tuple[Names, Names, str]:
    """Run all cases; return those that passed, the others, and the output."""
    _, output = await run(
        installed("bin/h2spec"),
        *("--host", "127.0.0.1", "--port", str(port), "--strict", "--timeout", "3"),
        *("--junit-report", str(report)),
        within=110,
    )
    return *_results(report, output), output


def _results(report: Path, output: str) -> tuple[Names, Names]:
    """Return the cases of a report that passed, and the others."""
    assert report.exists(), output
    passed: Names = set()
    others: Names = set()
    for case in ET.parse(report).iter("testcase"):
        name = case.attrib["package"], case.attrib["classname"]
        (others if len(case) else passed).add(name)
    return passed, others


async def test_every_case_passes_where_a_request_is_answered_with_data(tmp_path: Path) -> None:
    """The state machine has no fault that h2spec knows, in all of its cases."""
    async with serving_plain() as port:
        passed, others, output = await h2spec(port, tmp_path / "report.xml")
    assert not others, output
    assert len(passed) == CASES


async def test_the_chat_server_passes_all_but_the_named_cases(tmp_path: Path) -> None:
    """The server that people run passes each case that does not contradict gRPC."""
    with serving("--data", ":memory:", "--transport", "http2") as process:
        passed, others, output = await h2spec(process.port, tmp_path / "report.xml")
        assert others - RACES == CONTRADICT_GRPC.keys(), output
        assert len(passed) + len(others) == CASES
        assert process.running
