"""The sample network's pictures: small drawings made by code, so that nothing has to be licensed or shipped."""

from __future__ import annotations

import struct
import zlib

_SKY = '<rect width="600" height="260" fill="#cfe6f7"/><circle cx="500" cy="60" r="34" fill="#ffe3a1"/>'
_BOAT = (
    '<path d="M0 150h600v110H0z" fill="#7fb5d6"/><path d="M330 150v-50l22-26 22 26v50z" fill="#b9a894"/>'
    '<path d="M430 150v-34a30 30 0 0 1 60 0v34z" fill="#d9cdb6"/><path d="M498 150V84h8v66z" fill="#d9cdb6"/>'
    '<path d="M120 182h170l-26 36H150z" fill="#d2493f"/><path d="M200 90v88h-62z" fill="#fff"/><path d="M208 104v74h44z" fill="#f3ead9"/>'
)
_HILL = (
    '<path d="M0 170Q150 70 300 160T600 130V260H0z" fill="#9cc88b"/><path d="M0 220Q200 150 420 215T600 200V260H0z" fill="#78b06c"/>'
    '<path d="M380 140v-34l18-24 18 24v34z" fill="#c9b8a2"/>'
    '<g fill="#fff"><ellipse cx="120" cy="206" rx="17" ry="10"/><ellipse cx="180" cy="222" rx="17" ry="10"/>'
    '<ellipse cx="248" cy="204" rx="15" ry="9"/></g>'
)
SVG = {
    name: f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 260" width="600" height="260">{_SKY}{drawing}</svg>'
    for name, drawing in (("boat", _BOAT), ("hill", _HILL))
}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def logo(size: int = 64) -> bytes:
    """A PNG of three bars that grow, white on blue; `size` in pixels."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            bar = x * 7 // size
            on = bar % 2 == 1 and size // 5 < y < size - size // 5 and y > size * (6 - bar) // 9
            rows += b"\xff\xff\xff" if on else bytes((59, 111, 216 - y))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
