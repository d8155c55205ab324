"""The program as it will stand in one folder: our package and rules, the packages we need, the interpreter where others cannot run it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import stat
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

import safeguard
from safeguard.errors import SetupError
from safeguard.language import _
from safeguard.setup.plan import CopyTree
from safeguard.system import shipped

LAUNCHER = PurePath("bin/safeguard")
PYTHON = PurePath("bin/python")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NEVER = {"test", "idlelib", "turtledemo", "ensurepip", "lib2to3", "tkinter", "site-packages", "dist-packages", "pydoc_data"}
"""Of the standard library: what a filter never imports, and what is not its own."""
_PYTHON = """#!/bin/sh
# SafeGuard's own Python: nothing of the caller's environment reaches its imports, and it leaves no compiled files (-B).
{library}exec {top}/bin/{name} -I -B "$@"
"""
_SAFEGUARD = """#!/bin/sh
exec {top}/bin/python -m safeguard "$@"
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What there is to copy, found on this computer. parts as in CopyTree; interpreter: what runs it; own: whether that is copied too."""

    parts: tuple[tuple[PurePath, PurePath], ...]
    interpreter: PurePath
    own: bool


def find(top: Path) -> Program:
    """From the Python that runs us, to be put into `top`. Raises SetupError where a package is missing."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = PurePath("lib", version, "site-packages")
    parts = [(source, packages / place) for source, place in _packages()]
    running = Path(os.path.realpath(sys.executable))
    own = top in running.parents or not for_all(running)
    if own:
        parts += _interpreter(Path(sys.base_prefix), version)
    return Program(tuple(parts), PurePath("python/bin", version) if own else running, own)


def tree(program: Program, top: PurePath) -> CopyTree:
    """The folder `top` with all of it."""
    library = f"export LD_LIBRARY_PATH={top}/python/lib\n" if program.own else ""
    interpreter = top / program.interpreter
    files = (
        (LAUNCHER, _SAFEGUARD.format(top=top).encode(), 0o755),
        (PYTHON, _PYTHON.format(library=library, top=top, name=interpreter.name).encode(), 0o755),
        # What makes a folder an environment of its own to Python (PEP 405).
        (PurePath("pyvenv.cfg"), f"home = {interpreter.parent}\ninclude-system-site-packages = false\n".encode(), 0o644),
    )
    return CopyTree(top, program.parts, files, ((PYTHON.parent / interpreter.name, interpreter),))


def for_all(path: Path) -> bool:
    """Whether every account may read that file and pass the folders above it."""
    return bool(path.stat().st_mode & stat.S_IROTH) and all(above.stat().st_mode & stat.S_IXOTH for above in path.parents)


def _packages() -> Iterator[tuple[PurePath, PurePath]]:
    """(top folder or file, its name) of SafeGuard and of everything it needs, tools for developers left out."""
    package = Path(safeguard.__file__).parent
    for entry in package.iterdir():
        if entry.name not in ("_rules", "__pycache__"):
            yield entry, PurePath("safeguard", entry.name)
    yield shipped.rules(), PurePath("safeguard/_rules")
    found: dict[str, importlib.metadata.Distribution] = {}
    _need("safeguard", found)
    if "safeguard" not in found:
        raise SetupError(_("this Python does not know what SafeGuard needs; install it with installer/install.sh"))
    tops = set()
    for name, dist in found.items():
        for file in dist.files or ():
            top = file.parts[0]
            if name == "safeguard" and not top.endswith(".dist-info"):
                continue
            if top not in ("..", "bin", "__pycache__") and not top.endswith(".pth"):
                tops.add((Path(str(dist.locate_file(top))), top))
    for source, top in sorted(tops):
        if source.exists():
            yield source, PurePath(top)


def _need(name: str, found: dict[str, importlib.metadata.Distribution]) -> None:
    plain = re.sub(r"[-_.]+", "-", name).lower()
    if plain in found:
        return
    try:
        found[plain] = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # for another system or an older Python
    for line in found[plain].requires or ():
        wanted = _NAME.match(line)
        if wanted and "extra ==" not in line.partition(";")[2]:
            _need(wanted[0], found)


def _interpreter(base: Path, version: str) -> Iterator[tuple[PurePath, PurePath]]:
    """The interpreter, its shared library and the standard library."""
    yield base / "bin" / version, PurePath("python/bin", version)
    library = str(sysconfig.get_config_var("LDLIBRARY") or "")
    for shared in (base / "lib").glob(f"{library}*") if ".so" in library else ():
        yield shared, PurePath("python/lib", shared.name)
    for entry in sorted((base / "lib" / version).iterdir()):
        if entry.name not in _NEVER and not entry.name.startswith("config-"):
            yield entry, PurePath("python/lib", version, entry.name)
