"""Where alerts go besides the desktop: the parent's addresses. They hold tokens and passwords: one private file, never printed whole."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system import lock, private

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
            with self._path.open("rb") as f:
                private.check(self._path)
                found = json.loads(f.read(2**20))
            return [Channel(c["id"], c["kind"], c["since"], c["url"]) for c in found["channels"]]
        except FileNotFoundError:
            return []
        except OSError as e:
            raise InputError(_("%(path)s: cannot be read (%(why)s)", path=self._path, why=e.strerror)) from None
        except (ValueError, KeyError, TypeError):  # would quote what stands in it
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
        private.folder(self._path.parent)
        try:
            with lock.held(self._path.with_suffix(".lock")):
                made = change(self.list())
                kept = {"channels": [{"id": c.id, "kind": c.kind, "since": c.since, "url": c.url} for c in made]}
                draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
                try:
                    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as f:
                        json.dump(kept, f)
                        f.flush()
                        os.fsync(f.fileno())
                    draft.replace(self._path)
                finally:
                    draft.unlink(missing_ok=True)
        except OSError as e:
            raise InputError(_("%(path)s: cannot be written (%(why)s)", path=self._path, why=e.strerror)) from None
