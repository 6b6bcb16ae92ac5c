"""The slow test modules, which `make quick` leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

SLOW = frozenset(
    {
        "browser/test_gateway.py",
        "browser/test_page.py",
        "browser/test_page_input.py",
        "browser/test_page_offline.py",
        "browser/test_page_quality.py",
        "browser/test_page_refusals.py",
        "browser/test_page_sign_in.py",
        "browser/test_streams.py",
        "cli/test_commands.py",
        "cli/test_issuer_sign_in.py",
        "cli/test_man_page.py",
        "cli/test_pace.py",
        "cli/test_pure.py",
        "cli/test_script_commands.py",
        "cli/test_scripts.py",
        "cli/test_scripts_page.py",
        "cli/test_shell_completion.py",
        "cli/test_standard_streams.py",
        "cli/test_tail_exec.py",
        "cli/test_terminal.py",
        "cli/test_terminal_forgery.py",
        "cli/test_terminal_names.py",
        "cli/test_terminal_restart.py",
        "cli/test_terminal_rooms.py",
        "cli/test_tls.py",
        "cli/test_tokens.py",
        "client/test_bot.py",
        "client/test_bot_program.py",
        "client/test_examples.py",
        "client/test_restarts.py",
        "client/test_sync.py",
        "client/test_testing.py",
        "client/test_tutorial.py",
        "core/test_catch_up.py::test_thousands_that_catch_up_share_the_reads_fairly",
        "core/test_falling_behind.py::test_a_live_stream_that_sends_without_reading_falls_behind",
        "core/test_hub.py::test_each_stream_gets_its_part_of_the_log_once_and_in_order",
        "flood/test_attacks.py",
        "flood/test_expensive.py",
        "flood/test_misbehaving.py",
        "journal/test_crash.py",
        "journal/test_damage.py",
        "journal/test_model.py",
        "journal/test_power.py",
        "journal/test_server.py",
        "peers/test_conformance.py",
        "peers/test_example_bots.py",
        "peers/test_grpc_js.py",
        "peers/test_grpcio.py",
        "peers/test_grpcurl.py",
        "peers/test_h2spec.py",
        "peers/test_interop.py",
        "server/test_fuzz.py",
        "server/test_cert_command.py",
        "server/test_installation.py",
        "server/test_log_output.py",
        "server/test_oidc_flows.py",
        "server/test_open_files.py",
        "server/test_processes.py",
        "server/test_readme.py",
        "server/test_console.py",
        "server/test_restart_presence.py",
        "server/test_signals.py",
        "server/test_supervision.py",
        "server/test_tls.py::test_wrong_options_are_sentences",
        "server/test_tls_errors.py",
        "test_leaks.py",
        "torture/test_faults.py",
        "torture/test_network.py",
        "torture/test_planted.py",
        "torture/test_storm.py",
        "torture/test_torture.py",
        "transport/test_differential.py",
    }
)
"""Modules below `tests` whose tests start processes or run for seconds, and single slow tests."""

_HERE = Path(__file__).parent


def mark_slow(items: Iterable[pytest.Item]) -> None:
    """Mark the slow tests. Raises `UsageError` if a module in `SLOW` does not exist."""
    modules = {name.partition("::")[0] for name in SLOW}
    if missing := [name for name in sorted(modules) if not (_HERE / name).is_file()]:
        raise pytest.UsageError(f"tests/slow.py names modules that do not exist: {missing}")
    for item in items:
        if not item.path.is_relative_to(_HERE):
            continue
        module = item.path.relative_to(_HERE).as_posix()
        test = getattr(item, "originalname", item.name)
        if not SLOW.isdisjoint((module, f"{module}::{test}")):
            item.add_marker(pytest.mark.slow)
