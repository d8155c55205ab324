"""What a running filter remembers of hidden units, in memory only: their text for the parent, their pictures, who got which notice."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from safeguard.policy import asking
from safeguard.policy.asking import Asked

KEEP_S = 3600.0
MOST_BYTES = 16 * 2**20
MOST_ORIGINALS = 100_000
PICTURES_S = 12 * 3600.0
MOST_PICTURES = 50_000
NOTICES_S = 12 * 3600.0
MOST_NOTICES = 50_000


class Recent[V]:
    """The values put last: at most `most` by weight, each at most keep_s seconds. Not for several threads at once."""

    def __init__(self, most: int, keep_s: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._keep = keep_s
        self._clock = clock
        self._weight = 0
        self._items: OrderedDict[str, tuple[float, int, V]] = OrderedDict()

    def put(self, key: str, value: V, weight: int) -> None:
        """What is too heavy alone is not kept, and neither is what was there under that key."""
        self._drop(key)
        if weight <= self._most:
            self._items[key] = (self._clock() + self._keep, weight, value)
            self._weight += weight
        while self._weight > self._most:
            self._drop(next(iter(self._items)))

    def get(self, key: str) -> V | None:
        """The value, which counts as put last from here on; its time goes on."""
        found = self._items.get(key)
        if found is None:
            return None
        if found[0] <= self._clock():
            self._drop(key)
            return None
        self._items.move_to_end(key)
        return found[2]

    def sweep(self) -> None:
        """Forget what is too old."""
        now = self._clock()
        for key in [k for k, (end, _, _) in self._items.items() if end <= now]:
            self._drop(key)

    def forget(self, value: V, prefix: str) -> None:
        """Forget every key with that beginning and that value."""
        for key in [k for k, (_, _, v) in self._items.items() if v == value and k.startswith(prefix)]:
            self._drop(key)

    def items(self) -> Iterator[tuple[str, V]]:
        return ((k, v) for k, (_, _, v) in self._items.items())

    @property
    def weight(self) -> int:
        return self._weight

    def _drop(self, key: str) -> None:
        gone = self._items.pop(key, None)
        if gone is not None:
            self._weight -= gone[1]


class Memory:
    """Originals and pictures of one running filter; for any thread. Nothing of it is ever written to a disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._originals: Recent[bytes] = Recent(MOST_BYTES, KEEP_S, clock)
        self._pictures: Recent[str] = Recent(MOST_PICTURES, PICTURES_S, clock)
        self._for: Recent[bool] = Recent(MOST_ORIGINALS, KEEP_S, clock)
        self._notices: Recent[str] = Recent(MOST_NOTICES, NOTICES_S, clock)  # account and code -> kind of what was hidden
        self._asked: Recent[bool] = Recent(MOST_NOTICES, NOTICES_S, clock)
        self._times: dict[str, list[float]] = {}  # account -> when it asked
        self._clock = clock
        self._codes: set[tuple[str, str]] = set()  # (account, code) that may have pictures: what is only logged comes often and has none

    def keep_original(self, code: str, text: str, account: str = "") -> None:
        """The text behind a notice that this account got, at most an hour."""
        data = text.encode("utf-8", "replace")
        with self._lock:
            self._originals.put(code, data, len(data) + 100)
            self._for.put(f"{account}\n{code}", True, 1)

    def original(self, code: str) -> bytes | None:
        """The text as UTF-8, None where it is not there or no longer."""
        with self._lock:
            return self._originals.get(code)

    def original_of(self, account: str, code: str) -> str | None:
        """The text, where that account got the notice in its place and so may be allowed to see it."""
        with self._lock:
            data = self._originals.get(code) if self._for.get(f"{account}\n{code}") else None
        return None if data is None else data.decode("utf-8")

    def keep_notice(self, account: str, code: str, category: str) -> None:
        """That account got the notice of that code, so it may ask about it."""
        with self._lock:
            self._notices.put(f"{account}\n{code}", category, 1)

    def notice_of(self, account: str, code: str) -> str | None:
        """The kind of what was hidden; None where that account got no such notice, or long ago."""
        with self._lock:
            return self._notices.get(f"{account}\n{code}")

    def ask(self, account: str, code: str) -> Asked:
        """That account asks for a check of what it got that notice for; each once, and not too often."""
        key, now = f"{account}\n{code}", self._clock()
        with self._lock:
            if self._notices.get(key) is None:
                return Asked.UNKNOWN
            if self._asked.get(key):
                return Asked.AGAIN
            times = [t for t in self._times.get(account, []) if t > now - asking.LONG_S]
            if not asking.may(times, now):
                return Asked.MANY
            self._times[account] = [*times, now]
            self._asked.put(key, True, 1)
            return Asked.SENT

    @property
    def hides_pictures(self) -> bool:
        """Whether any picture is hidden from anybody: asked of every request, so it takes no lock."""
        return self._pictures.weight > 0

    def hide_picture(self, account: str, key: str, code: str) -> None:
        """The picture with that key (formats/addresses.py) is not for that account."""
        with self._lock:
            self._pictures.put(f"{account}\n{key}", code, 1)
            self._codes.add((account, code))
            if len(self._codes) > MOST_PICTURES:
                self._codes = {(k.partition("\n")[0], c) for k, c in self._pictures.items()}

    def hides_picture(self, account: str, key: str) -> str | None:
        """The code of the unit that picture was hidden with, None where it may be seen."""
        with self._lock:
            return self._pictures.get(f"{account}\n{key}")

    def show_pictures(self, account: str, code: str) -> None:
        """That account sees the unit of that code, so it sees its pictures."""
        with self._lock:
            if (account, code) in self._codes:
                self._codes.discard((account, code))
                self._pictures.forget(code, f"{account}\n")

    def sweep(self) -> None:
        """Forget what is too old; to be called now and then."""
        with self._lock:
            self._originals.sweep()
            self._for.sweep()
            self._pictures.sweep()
            self._notices.sweep()
            self._asked.sweep()
