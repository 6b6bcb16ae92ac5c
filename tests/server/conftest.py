"""Runs the tests of the contract on each transport."""

from __future__ import annotations

import pytest
import support

from chat_grpc.config import TRANSPORTS

ON_BOTH = (
    "test_access",
    "test_account_deletion",
    "test_blocks",
    "test_changes",
    "test_client_certificates",
    "test_connect",
    "test_deleted_rooms",
    "test_event_loop",
    "test_export",
    "test_guests",
    "test_health",
    "test_incarnations",
    "test_late_refusals",
    "test_limits",
    "test_markers_and_typing",
    "test_moderation",
    "test_online_backup",
    "test_operations",
    "test_presence",
    "test_races",
    "test_restart",
    "test_resume",
    "test_rotation",
    "test_tls",
    "test_tls_errors",
    "test_unary",
)
"""Modules whose tests run on each transport; the others run on `support.TRANSPORT`.

The others test unary methods, which are served like those of `test_unary`, or the process.
"""


NOT_ON_THE_WEB = (
    # A WebSocket has no half-close.
    "test_half_close_means_listening",
    # It has no stream for a method with one request, and none without a request.
    "test_a_token_that_ends_while_a_call_waits_for_its_request",
    "test_check_and_watch_of_a_server",
    "test_send_to_needs_a_token_and_says_so_before_it_reads",
    "test_the_first_request_must_come_in_time",
    "test_watchers_beyond_the_limit_are_refused",
    "test_a_request_that_comes_after_the_end_of_the_role_is_refused",
    # It has no window of its own, so megabytes are in TCP's buffers before a client stalls.
    "test_a_stream_that_takes_no_answers_is_not_read",
    # They name the transport of a process, or look at it.
    "test_a_server_with_and_without_uvloop",
    "test_sighup_reads_the_files",
    "test_the_start_names_tls",
    "test_this_module_runs_on_the_transport_of_its_parameter",
)
"""Tests of these modules that concern the transports of gRPC only."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat the tests of some modules for each transport."""
    # Not the name of the module: depending on the import mode it has the folder in front.
    if metafunc.definition.path.stem in ON_BOTH:
        web = () if metafunc.function.__name__ in NOT_ON_THE_WEB else (support.WEB,)
        metafunc.parametrize("transport", [*TRANSPORTS, *web], indirect=True)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Select the transport of the servers that a test starts in this process."""
    name: str = getattr(request, "param", support.TRANSPORT)
    monkeypatch.setattr(support, "TRANSPORT", name)
    return name
