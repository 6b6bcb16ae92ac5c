"""A client of connect-node against the web address of the chat server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from google.rpc import error_details_pb2
from peers.tools import installed, run
from support import running

SCRIPT = Path(__file__).parent / "js" / "connect.js"
PROTOS = Path(__file__).parents[2] / "protos"

CASES = [
    "unary",
    "error_info",
    "retry_info",
    "too_large",
    "server_stream",
    "server_stream_error",
    "unknown_method",
]


async def write_descriptors(path: Path) -> None:
    """Write the files of the contract, of the details of errors, and of their imports."""
    shipped = Path(error_details_pb2.__file__).parents[2]
    status, output = await run(
        sys.executable,
        *("-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{shipped}", "--include_imports"),
        *(f"--descriptor_set_out={path}", "google/rpc/error_details.proto"),
        *("chat_grpc/v1/chat.proto", "chat_grpc/v1/account.proto"),
    )
    assert status == 0, output


@pytest.mark.parametrize("codec", ["proto", "json"])
@pytest.mark.parametrize("case", CASES)
async def test_a_case_of_connect_node_passes(case: str, codec: str, tmp_path: Path) -> None:
    """A client of connect-node gets the responses, errors and details that its case expects."""
    node = shutil.which("node")
    assert node, "node is missing: the tests of connect-node need Node.js"
    descriptors = tmp_path / "contract.binpb"
    await write_descriptors(descriptors)
    limits = {"messages_per_second": 0.1, "message_burst": 1}
    async with running(web_listen="127.0.0.1:0", **limits) as server:
        status, output = await run(
            node,
            *(str(SCRIPT), f"http://127.0.0.1:{server.web_port}", case, str(descriptors), codec),
            environment={"NODE_PATH": str(installed("node/node_modules"))},
        )
    assert status == 0, output
