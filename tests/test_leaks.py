"""The leak checks of `conftest.py` can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PLANTED = {
    "thread": "import threading\ndef test_it():\n"
    "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "files": "KEPT = []\ndef test_it():\n    KEPT.extend(open(__file__) for _ in range(5))\n",
    "task": "import asyncio\nKEPT = []\nasync def test_it():\n"
    "    KEPT.append(asyncio.create_task(asyncio.sleep(99)))\n",
    "slow": "import asyncio, time\nasync def test_it():\n"
    "    asyncio.get_running_loop().call_soon(time.sleep, 0.7)\n    await asyncio.sleep(0)\n",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_is_found(
    kind: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leaked thread, file or task, and a blocked loop, each fail the test."""
    monkeypatch.setenv("CHAT_GRPC_TEST_UNIT", "0.2")
    here = Path(__file__).parent
    pytester.makeconftest((here / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(test_planted=PLANTED[kind])
    pytester.makefile(".toml", pyproject=(here.parent / "pyproject.toml").read_text("utf-8"))
    result = pytester.runpytest_subprocess(
        "-p",
        "no:cacheprovider",
        "-o",
        f"pythonpath={here}",
        "-o",
        "testpaths=.",
        "--timeout=60",
        "-W",
        "ignore::ResourceWarning",
        "test_planted.py",
    )
    outcome = result.parseoutcomes()
    assert outcome.get("errors", 0) == 1, result.stdout.str()
