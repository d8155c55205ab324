"""Tables worked out entry by entry: an engine is ready at once, and pays for the words that texts really have."""

from __future__ import annotations

from collections.abc import Callable


class Lazy[K, V](dict[K, V]):
    """A dict whose values are made when first asked for with []; a value depends on its key alone, so threads may make one twice."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        made = self[key] = self._make(key)
        return made


REMEMBERED = 60_000  # answers kept of one question


class Remembered[K, V](Lazy[K, V]):
    """The same for questions that texts put, of which there is no end: at most `most` answers are kept, then all are forgotten."""

    __slots__ = ("_most",)

    def __init__(self, make: Callable[[K], V], most: int = REMEMBERED) -> None:
        super().__init__(make)
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) > self._most:
            self.clear()
        return super().__missing__(key)


LONGEST = 64  # code points of a text without blanks that is worth remembering


class RememberedText[V](Remembered[str, V]):
    """The same for texts as they come, of which only short ones come again; same: a text that has the same answer (`numbers_cut`)."""

    __slots__ = ("_same",)

    def __init__(self, make: Callable[[str], V], same: Callable[[str], str] | None = None) -> None:
        super().__init__(make)
        self._same = same

    def __missing__(self, key: str) -> V:
        if len(key) > LONGEST:
            return self._make(key)
        if self._same is not None and (same := self._same(key)) != key:
            return self[same]
        return super().__missing__(key)
