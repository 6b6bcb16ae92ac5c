"""Accounts of a server under test, made by an operator on its machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support import running

from chat_grpc.client import ChatCalls, Tls
from chat_grpc.local_socket import socket_path
from chat_grpc.server import Server

PASSWORD = "correct horse battery"
OTHER = "another good password"


@asynccontextmanager
async def operator(folder: Path) -> AsyncIterator[ChatCalls]:
    """Make calls through the socket in the data folder of a running server."""
    with socket_path(folder) as path:
        async with ChatCalls(f"unix:{path}") as calls:
            yield calls


@asynccontextmanager
async def with_accounts(folder: Path, *names: str, **options: Any) -> AsyncIterator[Server]:
    """Run a server with some accounts; `root` is an admin."""
    async with running(data=str(folder), **options) as server:
        async with operator(folder) as local:
            for name in names:
                await local.create_user(name, PASSWORD, admin=name == "root")
        yield server


def calls_to(server: Server, token: str = "", tls: Tls | None = None) -> ChatCalls:
    """Return a client for unary calls."""
    return ChatCalls(f"127.0.0.1:{server.port}", token=token, tls=tls)


async def token_of(server: Server, name: str, password: str = PASSWORD) -> str:
    """Sign in; return the token. Without a password, as a guest."""
    async with calls_to(server) as calls:
        return (await calls.sign_in(name, password)).token
