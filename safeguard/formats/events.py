"""Server-sent events (text/event-stream), cut out of a stream as they come and read one by one. Pure.

An event that is not whole yet is held back, nothing else; lines and fields are those of WHATWG HTML 9.2.
"""

from __future__ import annotations

import re

from safeguard.errors import Unchecked
from safeguard.formats.document import Document
from safeguard.formats.escape import Escape
from safeguard.formats.messages import read_view
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.view import View

MOST = 4 * 2**20
"""Largest event, bytes."""

_BLANK = re.compile(rb"(?>\r\n|\r|\n){2}")
_LINE = re.compile(r"([^\r\n]*+)(?>\r\n|\r|\n|\Z)")
_DATA = re.compile(r"\ufeff?data(?:: ?|\Z)")


class Splitter:
    """Whole events out of chunks that may be cut anywhere."""

    def __init__(self, most: int = MOST) -> None:
        self._held = bytearray()
        self._seen = 0
        self._most = most

    def feed(self, data: bytes) -> list[bytes]:
        """The events that are whole now, each with its blank line. Raises Unchecked for one over the limit."""
        self._held += data
        out: list[bytes] = []
        done = 0
        for m in _BLANK.finditer(self._held, max(0, self._seen - 4)):
            out.append(bytes(self._held[done : m.end()]))
            done = m.end()
        del self._held[:done]
        self._seen = len(self._held)
        if self._seen > self._most or any(len(e) > self._most for e in out):
            raise Unchecked(f"an event is over {self._most // 2**20} MiB")
        return out

    @property
    def held(self) -> int:
        """Bytes of what is not whole yet."""
        return len(self._held)

    def end(self) -> bytes:
        """What is left without its blank line; browsers drop it, and it is judged all the same."""
        rest = bytes(self._held)
        self._held.clear()
        return rest


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def read_event(text: str, site: SiteProfile | None = None) -> Document:
    """The texts in the data of one event; its data lines are one text, joined by line ends."""
    pieces: list[str] = []
    marks: list[int] = []
    sources: list[int] = []
    size = 0
    for m in _LINE.finditer(text):
        field = _DATA.match(m[1])
        if field is None:
            continue
        value = m[1][field.end() :]
        marks.append(size)
        sources.append(m.start() + field.end())
        pieces.append(value)
        size += len(value) + 1
    escape: Escape = _one_line
    view = View(text).joined("\n".join(pieces), marks or [0], sources or [0], escape)
    return read_view(view, text, site)
