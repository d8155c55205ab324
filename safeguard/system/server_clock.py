"""What sites say the time is: noted by the running filter for `safeguard doctor`, as a wrong clock breaks certificates and log alike."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from safeguard.system import private

EVERY_S = 600.0
MOST = 1000


class ServerClock:
    """Writes (a site's time, ours then) to a small file, now and then. Not for several threads at once."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock, self._steady = path, clock, steady
        self._next = steady()

    def saw(self, date: str, age: str) -> None:
        """The `Date` and `Age` of an answer that came just now. One out of a store says nothing of now; what cannot be kept is not."""
        if not date or age not in ("", "0") or self._steady() < self._next:
            return
        told = parsed(date)
        if told is None:
            return
        self._next = self._steady() + EVERY_S
        draft = self._path.with_name(self._path.name + ".new")
        with contextlib.suppress(OSError, private.NotPrivate):
            private.folder(self._path.parent)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
                json.dump({"site": told.timestamp(), "here": self._clock()}, f)
            draft.replace(self._path)


def noted(path: Path) -> tuple[datetime, datetime] | None:
    """(a site's time, ours then) as the filter last saw it, None where it saw none."""
    try:
        told = json.loads(path.read_bytes()[:MOST])
        return datetime.fromtimestamp(float(told["site"]), UTC), datetime.fromtimestamp(float(told["here"]), UTC)
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None


def parsed(date: str) -> datetime | None:
    """A date as HTTP writes it, in UTC."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
