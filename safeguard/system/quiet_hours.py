"""The hours without alerts as set on the parents' page; they come before those of the settings, whose file is the parent's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safeguard import config
from safeguard.errors import InputError
from safeguard.system import private


@dataclass(frozen=True, slots=True)
class Quiet:
    """hours: minutes of the local day [from, until), None for none; threats: personal threats come in these hours too."""

    hours: tuple[int, int] | None
    threats: bool


def read(path: Path) -> Quiet | None:
    """What was set; None where nothing was. Raises InputError where the file cannot be read."""
    try:
        found = json.loads(path.read_bytes()[:1000])
        threats = found["threats"]
        if not isinstance(threats, bool):
            raise ValueError
        return Quiet(config.times(found["hours"]), threats)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise InputError(f"{path}: cannot be read ({e.strerror})") from e
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise InputError(f"{path}: damaged; set the quiet hours again on the parents' page") from e


def write(path: Path, hours: str, threats: bool) -> None:
    """hours: such as "22:00-07:00", "" for none. Raises InputError where they are none, or the file cannot be written."""
    try:
        config.times(hours)
    except ValueError as e:
        raise InputError(f"quiet hours {e}") from e
    private.folder(path.parent)
    try:
        private.put(path, json.dumps({"hours": hours, "threats": threats}).encode())
    except OSError as e:
        raise InputError(f"{path}: cannot be written ({e.strerror})") from e
