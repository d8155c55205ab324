"""The names of the files in a package: numbers, never anything that came from a site."""

from __future__ import annotations

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
PAGE = "index.html"


def entry(number: int) -> str:
    """The file of that entry."""
    return f"entries/{number:04d}.json"


def body(number: int) -> str:
    """The raw answer that entry stood in; named so that no program runs it."""
    return f"answers/{number:04d}.bin"
