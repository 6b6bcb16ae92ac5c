"""Draw the PNG icons of the page from the shapes of icon.svg, without any library."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "web" / "static"
BLUE = (0x3F, 0x56, 0xC9)
WHITE = (0xFF, 0xFF, 0xFF)
SAMPLES = 4
"""Samples of a pixel in each direction."""


def in_bubble(x: float, y: float) -> bool:
    """Return whether a point of the 64 unit grid is in the bubble or in its tail."""
    if 14 <= x <= 30 and 44 <= y <= 60 and (y - 48) <= (30 - x) * 0.75:
        return True
    if not (4 <= x <= 60 and 6 <= y <= 48):
        return False
    dx = max(16 - x, 0.0, x - 48)
    dy = max(18 - y, 0.0, y - 36)
    return dx * dx + dy * dy <= 144


def in_dots(x: float, y: float) -> bool:
    """Return whether a point is in one of the three dots."""
    return any((x - cx) ** 2 + (y - 27) ** 2 <= 16 for cx in (19, 32, 45))


def pixel(size: int, column: int, row: int, *, maskable: bool) -> bytes:
    """Return the RGBA bytes of a pixel. A maskable icon is filled, and keeps the shape small."""
    scale = 64 / size
    total = [0, 0, 0, 0]
    for step in range(SAMPLES * SAMPLES):
        x = (column + (step % SAMPLES + 0.5) / SAMPLES) * scale
        y = (row + (step // SAMPLES + 0.5) / SAMPLES) * scale
        if maskable:
            x, y = (x - 32) * 1.6 + 32, (y - 32) * 1.6 + 33
        bubble = in_bubble(x, y)
        dot = bubble and in_dots(x, y)
        color = (BLUE if dot or not bubble else WHITE) if maskable else (WHITE if dot else BLUE)
        if maskable or bubble:
            for index, value in enumerate((*color, 255)):
                total[index] += value
    covered = max(1, total[3] // 255)
    return bytes((*(value // covered for value in total[:3]), total[3] // SAMPLES**2))


def png(size: int, *, maskable: bool = False) -> bytes:
    """Return a square PNG of `size` pixels."""
    rows = b"".join(
        b"\0" + b"".join(pixel(size, x, y, maskable=maskable) for x in range(size))
        for y in range(size)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    (STATIC / "icon-192.png").write_bytes(png(192))
    (STATIC / "icon-512.png").write_bytes(png(512))
    (STATIC / "icon-maskable.png").write_bytes(png(512, maskable=True))
