"""Where alerts go besides the desktop: the parent's addresses. They hold tokens and passwords: one private file, never printed whole."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system import private_json

MOST = 8
LONGEST = 1_000  # bytes
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}", re.I)


@dataclass(frozen=True, slots=True)
class Channel:
    """id: by which a parent names it; kind: the service, all of the address that is ever shown; since: milliseconds since 1970."""

    id: str
    kind: str
    since: int
    url: str = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.kind} ({self.id})"


class Channels:
    """The addresses in one file (0600). Methods raise InputError where it is damaged, NotPrivate where others can read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def list(self) -> list[Channel]:
        """The first added first; none where there is no file."""
        try:
            return [Channel(c["id"], c["kind"], c["since"], c["url"]) for c in private_json.read(self._path)["channels"]]
        except FileNotFoundError:
            return []
        except private_json.BROKEN:  # would quote what stands in it
            raise InputError(
                _("%(path)s: damaged; remove it and add your addresses again: safeguard alerts add", path=self._path)
            ) from None

    def add(self, url: str, now: int, check: Callable[[str], None]) -> Channel:
        """Keeps an address. check: raises where nothing can be sent there. Raises InputError too; no error says the address."""
        kind, _slashes, rest = url.partition("://")
        if not (_SCHEME.fullmatch(kind) and rest and url.isprintable() and len(url.encode()) <= LONGEST):
            raise InputError(_("this is no address such as mailtos://user:password@example.org or ntfys://ntfy.sh/topic"))
        check(url)
        made = Channel(secrets.token_hex(3), kind.lower(), now, url)

        def adding(kept: Sequence[Channel]) -> list[Channel]:
            if any(c.url == url for c in kept):
                raise InputError(_("alerts go to this address already"))
            if len(kept) >= MOST:
                raise InputError(_("alerts go to %(most)s addresses already; remove one first: safeguard alerts remove", most=MOST))
            return [*kept, made]

        self._change(adding)
        return made

    def remove(self, number: str) -> Channel:
        """Forgets it. Raises InputError where there is none of that number."""
        gone: list[Channel] = []

        def removing(kept: Sequence[Channel]) -> list[Channel]:
            gone.extend(c for c in kept if c.id == number)
            if not gone:
                raise InputError(_("no address %(number)s; see: safeguard alerts list", number=repr(number)))
            return [c for c in kept if c.id != number]

        self._change(removing)
        return gone[0]

    def _change(self, change: Callable[[Sequence[Channel]], Sequence[Channel]]) -> None:
        def made() -> object:
            kept = change(self.list())
            return {"channels": [{"id": c.id, "kind": c.kind, "since": c.since, "url": c.url} for c in kept]}

        private_json.change(self._path, made)
