"""The hours without alerts as set on the parents' page; they come before those of the settings, whose file is the parent's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from safeguard import config
from safeguard.errors import InputError
from safeguard.language import _
from safeguard.system import private_json


@dataclass(frozen=True, slots=True)
class Quiet:
    """hours: minutes of the local day [from, until), None for none; threats: personal threats come in these hours too."""

    hours: tuple[int, int] | None
    threats: bool


def read(path: Path) -> Quiet | None:
    """What was set; None where nothing was. Raises InputError where the file cannot be read."""
    try:
        found = private_json.read(path, secret=False)
        threats = found["threats"]
        if not isinstance(threats, bool):
            raise ValueError
        return Quiet(config.times(found["hours"]), threats)
    except FileNotFoundError:
        return None
    except private_json.BROKEN as e:
        raise InputError(_("%(path)s: damaged; set the quiet hours again on the parents' page", path=path)) from e


def write(path: Path, hours: str, threats: bool) -> None:
    """hours: such as "22:00-07:00", "" for none. Raises InputError where they are none, or the file cannot be written."""
    try:
        config.times(hours)
    except ValueError as e:
        raise InputError(_("quiet hours: %(why)s", why=e)) from e
    private_json.change(path, lambda: {"hours": hours, "threats": threats})
