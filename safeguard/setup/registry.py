"""A browser's policies as values of the Windows registry, and the commands that write and remove them. Pure.

Chromium's kin take a list as a key with numbered values and an object as JSON; Firefox takes objects as keys, but for some.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TOP = r"HKLM\SOFTWARE\Policies"
CHROMIUM = {
    rf"{TOP}\Google\Chrome": "",
    rf"{TOP}\Chromium": "",
    rf"{TOP}\Microsoft\Edge": "edge",
    rf"{TOP}\BraveSoftware\Brave": "brave",
}
"""Key -> whose policies it has beside Chromium's own, as policies.CHROMIUM_FOLDERS."""
FIREFOX = rf"{TOP}\Mozilla\Firefox"
_FIREFOX_JSON = ("Preferences", "ExtensionSettings")
REG = r"C:\Windows\System32\reg.exe"
_VIEW = "/reg:64"  # a browser of 32 bits reads policies there too


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the registry. kind: REG_DWORD, REG_SZ or REG_MULTI_SZ; data: as reg.exe reads it."""

    key: str
    name: str
    kind: str
    data: str

    @property
    def add(self) -> tuple[str, ...]:
        return (REG, "add", self.key, "/v", self.name, "/t", self.kind, "/d", self.data, "/f", _VIEW)

    @property
    def delete(self) -> tuple[str, ...]:
        return (REG, "delete", self.key, "/v", self.name, "/f", _VIEW)


def chromium(key: str, told: Mapping[str, Any]) -> Iterator[Value]:
    """The policies of Chromium or a brand of it, below that key."""
    for name, value in told.items():
        if isinstance(value, dict):
            yield Value(key, name, "REG_SZ", json.dumps(value))
        else:
            yield from _plain(key, name, value)


def firefox(key: str, told: Mapping[str, Any]) -> Iterator[Value]:
    """The policies of Firefox, below that key."""
    for name, value in told.items():
        if name in _FIREFOX_JSON:
            yield Value(key, name, "REG_MULTI_SZ", json.dumps(value))
        elif isinstance(value, dict):
            yield from firefox(rf"{key}\{name}", value)
        else:
            yield from _plain(key, name, value)


def keys(values: tuple[Value, ...]) -> tuple[str, ...]:
    """Every key below TOP that the values need, the deepest first: the order in which empty ones can be removed."""
    found = {value.key for value in values}
    above = {key.rsplit("\\", n)[0] for key in found for n in range(key.count("\\"))}
    return tuple(sorted((k for k in found | above if k.startswith(TOP + "\\")), key=lambda k: (-k.count("\\"), k)))


def _plain(key: str, name: str, value: Any) -> Iterator[Value]:
    match value:
        case int():  # bool too
            yield Value(key, name, "REG_DWORD", str(int(value)))
        case str():
            yield Value(key, name, "REG_SZ", value)
        case list():
            for number, one in enumerate(value, 1):
                yield Value(rf"{key}\{name}", str(number), "REG_SZ", one)
        case _:
            raise TypeError(f"{name}: no value of the registry: {type(value).__name__}")
