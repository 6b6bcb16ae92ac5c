"""The method table covers the contract and denies by default."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support import running

from chat_grpc.app.methods import SERVICES, STANDARD_METHODS, Access, Method, MethodTable
from chat_grpc.app.telling import TOLD

DOCS = Path(__file__).resolve().parents[2] / "docs" / "methods.md"


@pytest.fixture
async def methods() -> AsyncIterator[MethodTable]:
    """The table of a running server."""
    async with running() as server:
        yield server.methods


async def test_every_method_of_the_contract_has_a_row(methods: MethodTable) -> None:
    """The table has exactly the methods of the contract."""
    contract = {f"{s.name}.{m.name}" for s in SERVICES for m in s.methods}
    assert {method.name for method in methods} == contract | STANDARD_METHODS


async def test_a_method_without_a_policy_fails_at_start(methods: MethodTable) -> None:
    """Without the row of any method, the table cannot be built."""
    rows = list(methods)
    for missing in rows:
        with pytest.raises(LookupError, match=re.escape(missing.name)):
            MethodTable(row for row in rows if row is not missing)


def test_a_row_of_no_method_fails() -> None:
    """A row must name a method of the contract."""
    with pytest.raises(LookupError, match=r"ChatService\.Nothing"):
        Method("ChatService.Nothing", Access.ANYONE)


async def test_every_change_of_an_admin_is_recorded(methods: MethodTable) -> None:
    """Each method for admins has a row for the audit log, unless it only reads."""
    reads = re.compile(r"AdminService\.(List|Get|Explain)")
    for method in methods:
        if method.access is Access.ADMIN and method.served:
            assert (method.audit is None) == bool(reads.match(method.name)), method.name


async def test_the_console_tells_every_change(methods: MethodTable) -> None:
    """Each method has a row for the console, unless it reads, sends, or is audited."""
    quiet = re.compile(
        r"Health|ServerReflection|ChatService\.(Connect|SendTo)|"
        r"\w+\.(List|Get|Search|Explain|Start)"
    )
    for method in methods:
        told = method.name in TOLD or method.audit is not None
        assert told != bool(quiet.match(method.name)), method.name


async def test_every_method_is_served(methods: MethodTable) -> None:
    """The contract has no method that this server answers with UNIMPLEMENTED."""
    assert not [method.name for method in methods if not method.served]


async def test_the_documentation_has_the_table(methods: MethodTable) -> None:
    """docs/methods.md lists every method with its policy, in the order of the table."""
    rows = [
        f"| `{m.name}` | {m.access.value} | {'yes' if m.served else 'not yet'} "
        f"| {'yes' if m.audit else '-'} |"
        for m in methods
    ]
    assert "\n".join(rows) in DOCS.read_text(encoding="utf-8")
