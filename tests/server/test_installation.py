"""The server works as users install it: with the newest releases of the packages it needs.

The development environment holds some of them back.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import serving

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.usefixtures("state")
@pytest.mark.timeout(300)
def test_a_new_installation_serves_and_sends(tmp_path: Path) -> None:
    """After `pip install .` in an empty environment, a message is sent and read."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    binaries = tmp_path / "venv" / "bin"
    pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet", str(REPOSITORY)]
    subprocess.run(pip, check=True, cwd=tmp_path)
    assert (tmp_path / "venv/share/man/man1/chat-grpc.1").exists()
    command = str(binaries / "chat-grpc")
    with serving("--data", ":memory:", command=[command]) as process:
        client = ["--server", f"127.0.0.1:{process.port}", "--name", "alice"]
        subprocess.run([command, "send", *client, "hello"], check=True, cwd=tmp_path)
        history = subprocess.run(
            [command, "history", *client], check=True, cwd=tmp_path, capture_output=True, text=True
        )
    assert "alice │ hello" in history.stdout
