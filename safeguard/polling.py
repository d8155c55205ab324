"""One way to look again and again until told to stop: what the threads of a running filter do."""

from __future__ import annotations

import threading
from collections.abc import Callable

from safeguard.errors import SafeguardError


def repeat(
    look: Callable[[], object],
    stop: threading.Event,
    say: Callable[[str], None],
    every: float,
    *,
    passing: type[SafeguardError] | tuple[type[SafeguardError], ...] = (),
    about: str = "",
    at_once: bool = False,
    once_more: bool = False,
) -> None:
    """Look each `every` seconds until stop is set; a text that comes back is said.

    passing:   errors that pass by themselves, as of a log that is locked; each is said once while it stays the same, after `about`.
    at_once:   look before the first wait too. once_more: look a last time when stop is set.
    Any other error of `look` ends it and is raised.
    """
    told = ""
    ended = stop.is_set() if at_once else stop.wait(every)
    while not ended or once_more:
        try:
            if isinstance(said := look(), str) and said:
                say(said)
            told = ""
        except passing as e:
            if str(e) != told:
                say(f"{about}: {e}")
            told = str(e)
        if ended:
            return
        ended = stop.wait(every)
