"""multipart/mixed, in which GraphQL sends what it defers: cut into its parts as they come, each judged as the body it is. Pure.

All between the bodies (boundaries, headers) stays byte for byte, but for the length of a part that was changed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from safeguard.errors import Unchecked

_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))", re.I)
_UNSAID = "-"  # GraphQL's own, where the header names none
_HEAD = re.compile(rb"(?:[ \t]*\r?\n)?((?:[\w-]+[ \t]*:[^\r\n]*\r?\n)*)\r?\n")
_TYPE = re.compile(rb"^content-type[ \t]*:[ \t]*([^\r\n]*)", re.I | re.M)
_ENCODED = re.compile(rb"^content-(?:transfer-)?encoding[ \t]*:[ \t]*(?!(?:8bit|7bit|binary|identity)[ \t]*\r?$)", re.I | re.M)
_LENGTH = re.compile(rb"^(content-length[ \t]*:[ \t]*)\d+", re.I | re.M)


class Part(NamedTuple):
    """One part: what stands before its body, its body, the boundary after it."""

    head: bytes
    content_type: str
    body: bytes
    tail: bytes

    def holding(self, body: bytes) -> bytes:
        """The part with another body, which its headers fit."""
        return _LENGTH.sub(rb"\g<1>%d" % len(body), self.head) + body + self.tail


class Splitter:
    """Whole parts out of chunks that may be cut anywhere, each with the boundary after it, which tells that it is whole."""

    def __init__(self, content_type: str, most: int) -> None:
        m = _BOUNDARY.search(content_type)
        said = (m[1] or m[2] or "") if m else _UNSAID
        self._boundary = re.compile(rb"(?:\r?\n|\A)--" + re.escape(said.encode("latin-1", "replace")))
        self._held = bytearray()
        self._seen = 0
        self._begun = False
        self._most = most
        self._step = len(said) + 4

    def feed(self, data: bytes) -> list[bytes]:
        """The parts that are whole now. Raises Unchecked for one over the limit."""
        self._held += data
        out: list[bytes] = []
        done = 0
        for m in self._boundary.finditer(self._held, max(0, self._seen - self._step)):
            if m[0].startswith(b"--") and self._begun:
                continue  # without a line end before it only where the answer begins
            self._begun = True
            out.append(bytes(self._held[done : m.end()]))
            done = m.end()
        del self._held[:done]
        self._seen = len(self._held)
        self._begun = self._begun or self._seen > self._step
        if self._seen > self._most:
            raise Unchecked("a part of an answer is too large to be checked")
        return out

    @property
    def held(self) -> int:
        """Bytes of what is not whole yet."""
        return len(self._held)

    def end(self) -> bytes:
        """What is left behind the last boundary."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    def part(self, raw: bytes) -> Part:
        """One of the stretches that feed and end gave, taken apart. Raises Unchecked for a body in some encoding."""
        found = list(self._boundary.finditer(raw, max(0, len(raw) - self._step)))
        stop = found[-1].start() if found else len(raw)
        head = _HEAD.match(raw, 0, stop + 2)
        if head is None:  # what stands before the first boundary and behind the last; nobody shows it
            return Part(b"", "text/plain; charset=utf-8", raw[:stop], raw[stop:])
        if _ENCODED.search(head[1]):
            raise Unchecked("a part of an answer is in an encoding of its own")
        start = min(head.end(), stop)
        said = _TYPE.search(head[1])
        content_type = said[1].decode("latin-1").strip() if said else "application/json"
        return Part(raw[:start], content_type, raw[start:stop], raw[stop:])
