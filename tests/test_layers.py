"""The rooms import one way only, and the pure ones do no I/O: pyproject.toml says how, import-linter checks it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_order_of_the_rooms() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_every_room_stands_in_the_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {room for layer in contracts[0]["layers"] for room in layer.replace("|", " ").split()} | set(contracts[0]["exhaustive_ignores"])
    package = ROOT / "safeguard"
    rooms = {p.stem for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")}
    assert rooms - {"__init__"} == named


def test_the_pure_rooms_are_all_in_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    pure = next(c for c in contracts if "pure" in c["name"])
    assert set(pure["source_modules"]) >= {f"safeguard.{room}" for room in ("policy", "matching", "ruleset", "formats", "text")}


def test_the_rooms_mirror_in_the_tests() -> None:
    rooms = {p.parent.name for p in (ROOT / "safeguard").glob("*/__init__.py")}
    missing = {room for room in rooms if not list((ROOT / "tests" / room).glob("**/test_*.py"))}
    assert not missing, f"no tests for {sorted(missing)}"
