"""Quiet hours as the page sets them: what was set is read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.errors import InputError
from safeguard.system import quiet_hours
from safeguard.system.quiet_hours import Quiet


@pytest.mark.parametrize(
    ("hours", "threats", "quiet"),
    [("22:00-07:00", True, Quiet((1320, 420), True)), ("00:00-23:59", False, Quiet((0, 1439), False)), ("", True, Quiet(None, True))],
)
def test_what_was_set_is_read(tmp_path: Path, hours: str, threats: bool, quiet: Quiet) -> None:
    file = tmp_path / "state" / "quiet.json"
    assert quiet_hours.read(file) is None
    quiet_hours.write(file, hours, threats)
    assert quiet_hours.read(file) == quiet


@pytest.mark.parametrize("hours", ["22:00", "22:00-22:00", "24:00-07:00", "-", "22:00-07:00\n"])
def test_no_hours(tmp_path: Path, hours: str) -> None:
    with pytest.raises(InputError, match="quiet hours"):
        quiet_hours.write(tmp_path / "quiet.json", hours, threats=True)
    assert not (tmp_path / "quiet.json").exists()
