"""Reads one key of a dconf database (GNOME's settings; the GVDB format), enough for the proxy's few. Pure; any bytes are survived."""

from __future__ import annotations

import struct

_SIGNATURE = b"GVariant"
_ITEM = struct.Struct("<IIIHBxII")
_NONE = 0xFFFFFFFF
_MOST_ITEMS = 100_000
_DEEP = 32


def values(data: bytes) -> dict[str, str | int]:
    """Path (`/system/proxy/mode`) -> value, of every text and whole number in the database; {} for what is none."""
    if len(data) < 24 or data[:8] != _SIGNATURE:
        return {}
    try:
        start, end = struct.unpack_from("<II", data, 16)
        table = data[start:end]
        bloom, buckets = struct.unpack_from("<II", table)
        first = 8 + 4 * (bloom & (1 << 27) - 1) + 4 * buckets
        items = list(_ITEM.iter_unpack(table[first : first + (len(table) - first) // _ITEM.size * _ITEM.size]))[:_MOST_ITEMS]
    except (struct.error, ValueError):
        return {}
    found: dict[str, str | int] = {}
    for item in items:
        if item[4] == ord("v"):
            value = _value(data[item[5] : item[6]])
            if value is not None:
                found[_path(data, items, item)] = value
    return found


def _path(data: bytes, items: list[tuple[int, ...]], item: tuple[int, ...]) -> str:
    parts: list[str] = []
    for _ in range(_DEEP):
        _, parent, start, size = item[:4]
        parts.append(data[start : start + size].decode("utf-8", "replace"))
        if parent == _NONE or parent >= len(items):
            break
        item = items[parent]
    return "".join(reversed(parts))


def _value(packed: bytes) -> str | int | None:
    """A variant: the value's bytes, a zero byte, its type."""
    value, _, kind = packed.rpartition(b"\0")
    if kind == b"s":
        return value.rstrip(b"\0").decode("utf-8", "replace")
    if kind == b"i" and len(value) == 4:
        return int.from_bytes(value, "little", signed=True)
    return None
