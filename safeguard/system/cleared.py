"""What was told to browsers once: a file of keyed digests, so that it says of no site and no child that they met."""

from __future__ import annotations

import contextlib
import hmac
import os
import re
from pathlib import Path

from safeguard.system import private

MOST = 20_000
"""Digests kept; beyond these the older half goes, and what it stood for is done once more."""
_LINE = re.compile(r"[0-9a-f]{32}")


class Cleared:
    """Remembers in the state folder. Used on the proxy's thread alone; a file that cannot be written costs a repetition after a restart.

    file: made where missing (0600); key: the secret of this install.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file, self._key = file, key
        self._done: dict[str, None] = {}
        with contextlib.suppress(OSError, private.NotPrivate):
            private.folder(file.parent)
            lines = file.read_text("ascii", "replace").splitlines() if file.exists() else []
            self._done = dict.fromkeys(line for line in lines if _LINE.fullmatch(line))
            if len(lines) > MOST:
                self._shorten()

    def done(self, *what: str) -> bool:
        """Whether that was marked before, by any earlier run of this install."""
        return self._digest(what) in self._done

    def mark(self, *what: str) -> None:
        """It is done now."""
        digest = self._digest(what)
        if digest in self._done:
            return
        self._done[digest] = None
        with contextlib.suppress(OSError):
            if len(self._done) > MOST:
                self._shorten()
            else:
                self._write(digest + "\n", os.O_APPEND)

    def _shorten(self) -> None:
        self._done = dict.fromkeys(list(self._done)[-MOST // 2 :])
        self._write("".join(f"{d}\n" for d in self._done), os.O_TRUNC)

    def _write(self, text: str, how: int) -> None:
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | how, 0o600), "w") as f:
            f.write(text)

    def _digest(self, what: tuple[str, ...]) -> str:
        return hmac.digest(self._key, "\n".join(what).encode("utf-8", "replace"), "sha256").hex()[:32]
