"""The files of the page, in memory, compressed once."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_grpc.transport.web.messages import Request, Response, text_response

FOLDER: Final = Path(__file__).resolve().parents[2] / "web"
"""The files of this package."""

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_COMPRESSED: Final = frozenset({".html", ".js", ".css", ".json", ".webmanifest", ".svg", ".txt"})
_SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
_HASHED: Final = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9]+$")
"""The names that esbuild gives to files whose content they identify."""

_PAGE: Final = "index.html"


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its compressed variants, by content coding; the first is the best one."""

    kind: str
    variants: dict[str, bytes]
    tag: str
    cached: str

    def best(self, accepted: str) -> tuple[str, bytes]:
        """Return the content coding that a client accepts, and the bytes; `identity` for none."""
        codings = _accepted(accepted)
        for coding, content in self.variants.items():
            if coding in codings:
                return coding, content
        return "identity", self.variants["identity"]


class Files:
    """The files of a folder. A file `NAME.br` or `NAME.gz` is the compressed variant of `NAME`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read all files; blocks on the disk."""
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in _TYPES
        }

    def answer(self, name: str, request: Request) -> Response:
        """Return the response with a file; the empty name is the page."""
        file = self._files.get(name or _PAGE)
        if file is None:
            return text_response(404, "There is nothing at this address.")
        if request.method not in ("GET", "HEAD"):
            return text_response(405, "Use GET.", ("allow", "GET, HEAD"))
        coding, content = file.best(request.header(b"accept-encoding"))
        tag = f'"{file.tag}-{coding}"'
        headers = [("etag", tag), ("cache-control", file.cached), ("vary", "accept-encoding")]
        if tag in [each.strip().removeprefix("W/") for each in _tags(request)]:
            return Response(304, headers)
        headers.append(("content-type", file.kind))
        if coding != "identity":
            headers.append(("content-encoding", coding))
        return Response(200, headers, content)


def _tags(request: Request) -> list[str]:
    return request.header(b"if-none-match").split(",")


def _read(path: Path) -> _File:
    content = path.read_bytes()
    variants = {
        coding: Path(f"{path}{suffix}").read_bytes()
        for coding, suffix in _SUFFIXES.items()
        if Path(f"{path}{suffix}").is_file()
    }
    if "gzip" not in variants and path.suffix in _COMPRESSED:
        variants["gzip"] = gzip.compress(content, mtime=0)
    variants["identity"] = content
    cached = "public, max-age=31536000, immutable" if _HASHED.search(path.name) else "no-cache"
    tag = hashlib.sha256(content).hexdigest()[:20]
    return _File(_TYPES[path.suffix], variants, tag, cached)


def _accepted(header: str) -> frozenset[str]:
    """Return the content codings that a client accepts (RFC 9110, section 12.5.3)."""
    found = set()
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight):
            found.add(coding.strip())
    return frozenset(found)
