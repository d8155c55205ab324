"""The raw answer behind a text that is kept as evidence: as it came, and no more of it than the log may hold."""

from __future__ import annotations

from safeguard.formats.document import Document
from safeguard.policy.incident import BODY, Body


class Bodies:
    """What is kept of one answer; texts that are close to each other share the same value."""

    def __init__(self, raw: bytes, media: str, document: Document) -> None:
        self._raw = raw
        self._media = media
        self._document = document
        self._made: dict[int, Body] = {}

    def around(self, place: int) -> Body | None:
        """The answer, of a long one the part around that place; None where there is none (a text that a page showed)."""
        if not self._raw:
            return None
        start = 0 if len(self._raw) <= BODY else self._start(place)
        if start not in self._made:
            self._made[start] = Body(self._media, len(self._raw), start, self._raw[start : start + BODY])
        return self._made[start]

    def _start(self, place: int) -> int:
        runs = self._document.places[place].runs
        before = self._document.body[: runs[0].start if runs else 0]
        at = len(before.encode("utf-8", "replace"))  # in other charsets about there, which is near enough
        half = BODY // 2
        return max(0, min((at - half // 2) // half * half, len(self._raw) - BODY))  # in steps, so that neighbours share one
