"""A text inside a text: what a reader sees with escapes undone, and where each of its characters stands in the body. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from safeguard.formats.document import Run
from safeguard.formats.escape import Escape, identity, then

DEEPEST = 8
"""Nesting (JSON in a string in JSON in a script …) that is still read through; below it a text is judged as it stands."""


class View:
    """One decoded text and the way back to the body.

    text:   escapes undone.
    escape: plain text to what may stand in the body here.
    depth:  0 for the body itself.
    """

    __slots__ = ("_base", "_decode", "_end", "_marks", "_parent", "_pattern", "_sources", "depth", "escape", "text")

    def __init__(self, text: str, escape: Escape = identity) -> None:
        self.text = text
        self.escape = escape
        self.depth = 0
        self._parent: View | None = None
        self._base = 0
        self._end = len(text)
        self._pattern: re.Pattern[str] | None = None
        self._decode: Callable[[re.Match[str]], str] | None = None
        self._marks: list[int] = []
        self._sources: list[int] = []

    def inside(
        self,
        start: int,
        end: int,
        text: str,
        escape: Escape,
        pattern: re.Pattern[str] | None = None,
        decode: Callable[[re.Match[str]], str] | None = None,
    ) -> View:
        """What stands at start:end of this view, read as `text`; pattern and decode say how its escapes are undone (None: as it is)."""
        new = View(text, then(escape, self.escape))
        new.depth = self.depth + 1
        new._parent, new._base, new._end, new._pattern, new._decode = self, start, end, pattern, decode
        return new

    def joined(self, text: str, marks: list[int], sources: list[int], escape: Escape) -> View:
        """A text put together from several stretches of this view: from marks[i] on it stands at sources[i]."""
        new = View(text, then(escape, self.escape))
        new.depth = self.depth + 1
        new._parent, new._marks, new._sources = self, marks, sources
        return new

    def at(self, index: int) -> int:
        """Where the boundary before character `index` stands in the body."""
        view: View | None = self
        while view is not None:
            if view._marks or view._pattern is not None:
                if not view._marks:
                    view._measure()
                k = bisect_right(view._marks, index) - 1
                index = view._sources[k] + index - view._marks[k]
            else:
                index += view._base
            view = view._parent
        return index

    def run(self, start: int, end: int, escape: Escape = identity) -> Run:
        """The stretch of the body that shows start:end of this view."""
        if self._parent is None:
            return Run(start, end, then(escape, self.escape))
        return Run(self.at(start), self.at(end), then(escape, self.escape))

    def _measure(self) -> None:
        """Find every escape of the source; done only where an offset is asked for, since most texts need none."""
        assert self._parent is not None
        assert self._pattern is not None
        assert self._decode is not None
        at, shown = self._base, 0
        self._marks, self._sources = [0], [at]
        for m in self._pattern.finditer(self._parent.text, self._base, self._end):
            shown += m.start() - at + len(self._decode(m))
            at = m.end()
            self._marks.append(shown)
            self._sources.append(at)
