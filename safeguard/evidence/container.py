"""One zip file of a package: uncompressed, without times, sorted: the same files are the same bytes, and each can be checked."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from zlib import crc32

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_HEAD, _ENTRY, _LAST = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_MADE_BY = 3 << 8 | 20  # Unix
_NEEDED = 20
_MIDNIGHT, _FIRST_DAY = 0, 1 << 5 | 1  # 1980-01-01 00:00, the first that a zip can say
_MODE = 0o100600 << 16
MOST_FILES = 65_000
MOST_BYTES = 2**31


def pack(files: Mapping[str, bytes]) -> bytes:
    """The zip file; at most MOST_FILES of together at most MOST_BYTES."""
    out, central = bytearray(), bytearray()
    for name, data in sorted(files.items()):
        raw = name.encode()
        flags = 0 if name.isascii() else 1 << 11  # UTF-8; only what was added by somebody needs it
        common = (_NEEDED, flags, 0, _MIDNIGHT, _FIRST_DAY, crc32(data), len(data), len(data), len(raw), 0)
        central += _CENTRAL.pack(_ENTRY, _MADE_BY, *common, 0, 0, 0, _MODE, len(out)) + raw
        out += _LOCAL.pack(_HEAD, *common) + raw + data
    return bytes(out + central + _END.pack(_LAST, 0, 0, len(files), len(files), len(central), len(out), 0))


def unpack(data: bytes) -> dict[str, bytes]:
    """The files that can be found, from the beginning on, at most MOST_FILES; only what is whole and not compressed.

    Compare with `pack` what it gives.
    """
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == _HEAD and at + _LOCAL.size <= len(data):
        *_, size, length, extra = _LOCAL.unpack_from(data, at)
        begin = at + _LOCAL.size + length + extra
        name = data[at + _LOCAL.size : begin - extra].decode("utf-8", "surrogateescape")
        if begin + size > len(data) or name in files or len(files) == MOST_FILES:
            break
        files[name] = data[begin : begin + size]
        at = begin + size
    return files


def difference(data: bytes, files: Mapping[str, bytes]) -> str:
    """Where the zip file itself is not as we write it, "" where it is: a line that says so."""
    try:
        made = pack(files)
    except (struct.error, UnicodeEncodeError):
        return "the zip file: not as SafeGuard writes it"
    if made == data:
        return ""
    at = next((n for n, (a, b) in enumerate(zip(made, data, strict=False)) if a != b), min(len(made), len(data)))
    return f"the zip file: changed at byte {at:,} of {len(data):,}, {_part(at, files)}"


def _part(at: int, files: Mapping[str, bytes]) -> str:
    """Which part of what `pack` makes of these files that byte is in."""
    start = 0
    for name, data in sorted(files.items()):
        start += _LOCAL.size + len(name.encode())
        if at < start:
            return f"in the head of {name}"
        start += len(data)
        if at < start:
            return f"in {name}"
    return "in the list of files at its end"
