"""Imports follow the layers of the architecture."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The imports that each part may have: of this project, and of installed packages.
_SERVER_SIDE = {"core", "v1", "journal", "app", "spelling"}
MAY: dict[str, tuple[set[str], set[str] | None]] = {
    "v1": ({"v1"}, None),
    # The spelling and comparison of names and addresses, for servers and clients alike.
    "spelling": ({"spelling"}, {"precis_i18n"}),
    "core": ({"core", "spelling", "v1"}, {"emoji", "unicodedataplus"}),
    "journal": ({"core", "journal", "v1"}, {"apsw", "filelock", "google"}),
    "app": (
        _SERVER_SIDE,
        {"argon2", "google", "grpc_health", "grpc_reflection", "precis_i18n"},
    ),
    # The client of an OpenID Connect issuer: an extra, so that only the server imports it.
    "oidc": ({"app", "core", "oidc"}, {"authlib", "httpx2", "joserfc"}),
    "transport": (
        _SERVER_SIDE | {"transport"},
        {"cryptography", "grpc", "google", "grpc_status", "hpack", "httptools", "websockets"},
    ),
    "client": (
        {"client", "spelling", "v1", "top"},
        {"cryptography", "grpc", "google", "grpc_status"},
    ),
    # Starts servers as processes, for tests of other programs.
    "testing": ({"testing"}, {"pytest"}),
    "cli": (
        {"cli", "client", "spelling", "v1", "top"},
        {
            "click",
            "emoji",
            "filelock",
            "google",
            "grpc",
            "platformdirs",
            "prompt_toolkit",
            "wcwidth",
        },
    ),
    "top": (_SERVER_SIDE | {"oidc", "transport", "top", "cli"}, None),
}

# Layers without I/O.
_PURE = {"core", "spelling"}
_NO_IO = {"socket", "ssl", "sqlite3", "threading", "subprocess", "time", "os", "io", "pathlib"}


def part_of(module: str) -> str:
    """Return the part of the project to which a module belongs."""
    words = module.split(".")
    if words[0] == "chat_grpc_cli":
        return "cli"
    return words[1] if len(words) > 1 and words[1] in MAY else "top"


def wrong_imports(source: str, part: str) -> list[str]:
    """Return the imports of a source that its part may not have."""
    own, installed = MAY[part]
    wrong = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports must be absolute"
            module = node.module or ""
            names = [module]
            if module == "chat_grpc":
                names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first = name.split(".")[0]
            if first in ("chat_grpc", "chat_grpc_cli"):
                ok = part_of(name) in own or name == "chat_grpc.__version__"
            elif first in sys.stdlib_module_names:
                ok = part not in _PURE or first not in _NO_IO
            else:
                ok = installed is None or first in installed
            if not ok:
                wrong.append(name)
    return wrong


def modules() -> list[tuple[Path, str]]:
    """Yield every module of the project with its part."""
    found = []
    for root, base in (("chat_grpc", ROOT), ("chat_grpc_cli", ROOT / "cli")):
        for path in sorted((base / root).rglob("*.py")):
            module = ".".join(path.relative_to(base).with_suffix("").parts)
            found.append((path, part_of(module)))
    return found


def test_imports_point_one_way() -> None:
    """No part imports a part or a package outside its list."""
    found = modules()
    assert len(found) > 30
    wrong = {
        str(path.relative_to(ROOT)): bad
        for path, part in found
        if (bad := wrong_imports(path.read_text(encoding="utf-8"), part))
    }
    assert wrong == {}


def test_a_wrong_arrow_is_found() -> None:
    """A forbidden import is reported, so the test above can fail."""
    assert wrong_imports("import grpc", "core") == ["grpc"]
    assert wrong_imports("import socket", "core") == ["socket"]
    assert wrong_imports("from grpc import aio", "app") == ["grpc"]
    assert wrong_imports("from chat_grpc.app.dispatch import Dispatcher", "journal")
    assert wrong_imports("from chat_grpc.core.hub import Hub", "client")
    assert wrong_imports("from chat_grpc import server", "app")
    assert wrong_imports("import chat_grpc.journal.sqlite", "cli")


def test_only_the_command_imports_the_terminal_client() -> None:
    """Only the command line imports the terminal client; the server does not need it."""
    importers = [
        path.name
        for path, part in modules()
        if part != "cli" and "chat_grpc_cli" in path.read_text(encoding="utf-8")
    ]
    commands = {
        *("__main__.py", "admin_commands.py", "local_work.py"),
        *("invite_commands.py", "moderation_commands.py"),
        *("operation_commands.py", "user_commands.py"),
    }
    assert set(importers) == commands
