"""The server works as users install it: with the newest releases of the packages it needs.

The development environment holds some of them back.
"""

from __future__ import annotations

import email
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from grpc_tools import protoc
from support import serving

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run([*pip, str(REPOSITORY)], check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.usefixtures("state")
@pytest.mark.timeout(300)
def test_a_new_installation_serves_and_sends(tmp_path: Path, wheel: Path) -> None:
    """After an installation in an empty environment, a message is sent and read."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    binaries = tmp_path / "venv" / "bin"
    pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
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


@pytest.mark.timeout(300)
def test_the_wheel_has_the_contract(tmp_path: Path, wheel: Path) -> None:
    """`protoc` compiles the contract with the folder of the installed packages as include path."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    contract = sorted(path.name for path in (tmp_path / "chat_grpc/v1").glob("*.proto"))
    assert contract == sorted(
        path.name for path in (REPOSITORY / "protos/chat_grpc/v1").glob("*.proto")
    )
    out = f"--descriptor_set_out={tmp_path / 'out'}"
    files = [f"chat_grpc/v1/{name}" for name in contract]
    assert protoc.main(["protoc", f"-I{tmp_path}", f"-I{_well_known()}", out, *files]) == 0


def _well_known() -> Path:
    return Path(protoc.__file__).parent / "_proto"


@pytest.mark.timeout(300)
def test_the_wheel_is_ready_for_a_package_index(wheel: Path) -> None:
    """It has the project's URLs, and a README without a relative link; and the example config."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
        shared = [each for each in archive.namelist() if ".data/data/" in each]
    urls = dict(value.split(", ") for value in metadata.get_all("Project-URL", []))
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= urls.keys()
    assert metadata["Description-Content-Type"] == "text/markdown"
    readme = metadata.get_payload()
    assert isinstance(readme, str)
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", readme)
    assert len(links) > 20
    for picture, link in links:
        place = "https://raw.githubusercontent.com/" if picture else "https://"
        assert link.startswith((place, "#")), link
    assert any(each.endswith("share/doc/chat-grpc/chat-grpc.toml") for each in shared)
