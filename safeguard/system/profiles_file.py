"""The parent's profiles.yaml: read, written in one piece, and looked at for changes while the filter runs."""

from __future__ import annotations

from pathlib import Path

from safeguard.errors import ConfigError
from safeguard.language import _
from safeguard.policy import profile, profile_file
from safeguard.policy.profiles import Profiles
from safeguard.system import private
from safeguard.system.paths import Paths

FILE = "profiles.yaml"
MOST = 2**20


def place(paths: Paths) -> Path:
    """Where the file stands; may be missing."""
    return paths.config / FILE


def read(paths: Paths, default: str) -> Profiles:
    """The family's profiles; no file means the shipped ones. default: where the file names none. Raises ConfigError."""
    path = place(paths)
    try:
        with path.open("rb") as f:
            data = f.read(MOST + 1)
    except FileNotFoundError:
        data = b""
    except OSError as e:
        raise ConfigError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e
    if len(data) > MOST:
        raise ConfigError(_("%(path)s: larger than %(size)s MiB; that cannot be a list of profiles", path=path, size=MOST // 2**20))
    return profile_file.parse(str(path), data, default)


def write(paths: Paths, made: Profiles) -> None:
    """Put the file in place in one piece, readable by its owner alone. Raises ConfigError where that cannot be done."""
    path = place(paths)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        private.put(path, profile_file.render(made))
    except OSError as e:
        raise ConfigError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e


class FamilyFile:
    """The file of these folders, for who reads and changes it. default: where the file names none."""

    def __init__(self, paths: Paths, default: str = profile.DEFAULT.name) -> None:
        self._paths, self._default = paths, default

    def read(self) -> Profiles:
        """Raises ConfigError."""
        return read(self._paths, self._default)

    def write(self, made: Profiles) -> None:
        """Raises ConfigError."""
        write(self._paths, made)


def look(paths: Paths) -> tuple[int, int, int]:
    """Differs when the file was changed, added or removed."""
    try:
        info = place(paths).stat()
    except OSError:
        return (0, 0, 0)
    return (info.st_mtime_ns, info.st_size, info.st_ino)
