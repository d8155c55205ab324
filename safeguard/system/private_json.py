"""A small private file of JSON: how it is read and changed. Who keeps one looks at what stands in it, and says if it is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system import lock, private

MOST = 2**20
BROKEN = (ValueError, KeyError, TypeError, RecursionError)
"""What reading one raises, and looking at what stands in it."""


def read(path: Path, *, secret: bool = True) -> Any:
    """What stands in it. Raises FileNotFoundError, InputError where it cannot be read, NotPrivate where others can, ValueError.

    secret: whether it matters that others can read it.
    """
    try:
        with path.open("rb") as f:
            if secret:
                private.check(path)
            data = f.read(MOST + 1)
    except FileNotFoundError:
        raise
    except OSError as e:
        raise InputError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e
    return json.loads(data)


def change(path: Path, made: Callable[[], object]) -> None:
    """Writes what `made` gives, which nobody else changes meanwhile. Raises InputError, NotPrivate and what `made` raises."""
    private.folder(path.parent)
    try:
        with lock.held(path.with_suffix(".lock")):
            private.put(path, json.dumps(made()).encode())
    except OSError as e:
        raise InputError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror or e)) from e
