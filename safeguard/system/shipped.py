"""Finds what ships with the package: the guard's program, and rules inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

import safeguard
from safeguard.errors import ConfigError
from safeguard.language import _


def rules() -> Path:
    """Folder of the shipped rules. Raises ConfigError where the installation is incomplete."""
    package = Path(safeguard.__file__).resolve().parent
    for folder in (package / "_rules", package.parent / "rules"):
        if folder.is_dir():
            return folder
    raise ConfigError(_("%(path)s: the shipped rules are missing; install SafeGuard again", path=package))


def guard_program() -> str:
    """The program of the guard that pages get. Raises ConfigError where the installation is incomplete."""
    try:
        return (Path(safeguard.__file__).parent / "guard" / "guard.js").read_text("utf-8")
    except OSError as e:
        raise ConfigError(_("the guard's program is missing; install SafeGuard again")) from e
