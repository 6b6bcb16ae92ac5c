"""Runs the tests of the contract on both transports."""

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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat the tests of some modules for each transport."""
    # Not the name of the module: depending on the import mode it has the folder in front.
    if metafunc.definition.path.stem in ON_BOTH:
        metafunc.parametrize("transport", TRANSPORTS, indirect=True)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Select the transport of the servers that a test starts in this process."""
    name: str = getattr(request, "param", support.TRANSPORT)
    monkeypatch.setattr(support, "TRANSPORT", name)
    return name
