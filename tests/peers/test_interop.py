"""grpc-go's interop client, and clients of grpc-go and tonic, against the interop service."""

from __future__ import annotations

import asyncio

import pytest
from peers.interop_service import serving_interop
from peers.tools import finish, installed, refuses, run, start
from support import UNIT, eventually

INTEROP_CASES = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "rpc_soak",
    "channel_soak",
]

STRESS = {
    "empty_unary": 10,
    "large_unary": 10,
    "client_streaming": 10,
    "server_streaming": 10,
    "ping_pong": 10,
    "empty_stream": 10,
    "custom_metadata": 10,
    "status_code_and_message": 10,
    "cancel_after_first_response": 20,
    "timeout_on_sleeping_server": 1,
    "cancel_after_begin": 1,
}
"""Weights of the cases of the stress client. The last two are cut short before they are answered;
the server limits how many of those a second a connection may have."""

SOAK = (
    "--soak_per_iteration_max_acceptable_latency_ms=20000",
    "--soak_overall_timeout_seconds=60",
)
"""How slow a machine may be in the cases that repeat `large_unary`."""

COMMON_CASES = [
    "unary",
    "stream",
    "cancel",
    "deadline",
    "big_metadata",
    "too_big_metadata",
    "too_large_request",
    "status_details",
]

CLIENT_CASES = {
    "go-client": [
        *COMMON_CASES,
        "many_messages",
        "flow_control",
        "stalled_stream",
        "refused_streams",
        "many_calls",
    ],
    "tonic-client": COMMON_CASES,
}
"""The cases of each client of tests/peers/go and tests/peers/rust."""


@pytest.mark.parametrize("case", INTEROP_CASES)
async def test_a_case_of_the_interop_client_passes(case: str) -> None:
    """grpc-go's own interop client has no objection."""
    async with serving_interop() as (_, port):
        status, output = await run(
            installed("bin/interop-client"),
            f"--server_port={port}",
            f"--test_case={case}",
            *SOAK,
        )
    assert status == 0, output


async def test_the_stress_client_passes() -> None:
    """Sixteen callers on two connections mix the cases for some seconds, and none fails."""
    cases = ",".join(f"{case}:{weight}" for case, weight in STRESS.items())
    async with serving_interop() as (_, port):
        status, output = await run(
            installed("bin/stress-client"),
            f"--server_addresses=127.0.0.1:{port}",
            f"--test_cases={cases}",
            *("--test_duration_secs=5", "--metrics_port=0"),
            *("--num_channels_per_server=2", "--num_stubs_per_channel=8"),
        )
    assert status == 0, output
    assert "Total calls made" in output


@pytest.mark.parametrize(
    ("client", "case"),
    [(client, case) for client, cases in CLIENT_CASES.items() for case in cases],
)
async def test_a_case_of_a_client_passes(client: str, case: str) -> None:
    """A client of grpc-go or tonic gets what its case expects."""
    async with serving_interop() as (_, port):
        status, output = await run(installed(f"bin/{client}"), f"127.0.0.1:{port}", case)
    assert status == 0, output


@pytest.mark.parametrize("client", CLIENT_CASES)
async def test_a_client_finishes_its_stream_while_the_server_drains(client: str) -> None:
    """An open stream is served after GOAWAY, and a new call fails as UNAVAILABLE."""
    async with serving_interop() as (transport, port):
        process = await start(installed(f"bin/{client}"), f"127.0.0.1:{port}", "drain")
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), 30 * UNIT)
            assert line == b"open\n", line + await process.stdout.read()
            stopping = asyncio.create_task(transport.stop(30.0 * UNIT))
            await eventually(lambda: refuses(port))
            process.stdin.write(b"the server drains\n")
        finally:
            status, output = await finish(process)
        assert status == 0, output
        await asyncio.wait_for(stopping, 10 * UNIT)
