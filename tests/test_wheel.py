"""The wheel works outside the checkout: it carries its rules, and a fresh environment with nothing but it runs the command."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the back end that is installed here, so that no network is needed."""
    pytest.importorskip("hatchling", reason="hatchling is not installed; run: pip install -e '.[dev]'")
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def safeguard(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a fresh environment; the dependencies are those of the environment that runs the tests."""
    place = tmp_path_factory.mktemp("fresh")
    venv.create(place, symlinks=True)
    purelib = Path(sysconfig.get_path("purelib", "venv", {"base": str(place)}))
    # an editable install of this checkout would stand in a .pth file, which is not obeyed behind another environment's path
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    target = ["--python", str(place / "bin" / "python"), "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *target], check=True)
    return place / "bin" / "safeguard"


def test_the_wheel_carries_the_rules_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {
        f"safeguard/_rules/{p.relative_to(ROOT / 'rules').as_posix()}"
        for p in (ROOT / "rules").rglob("*.*")
        if p.suffix in (".yaml", ".txt", ".po")
    }
    assert {f"safeguard/_rules/everyday/{lang}.txt" for lang in ("en", "ru", "tr", "az", "hy")} <= shipped
    assert {f"safeguard/_rules/locale/{lang}.po" for lang in ("ru", "tr", "az", "hy")} <= shipped
    assert shipped <= set(names)
    assert "safeguard/guard/guard.js" in names
    assert {n.split("/")[0] for n in names if not n.split("/")[0].endswith(".dist-info")} == {"safeguard"}


def test_check_runs_outside_the_checkout(safeguard: Path, tmp_path: Path) -> None:
    lines = '{"id": "a", "text": "kill all Armenians"}\n{"id": "b", "text": "Good morning"}\n'
    done = subprocess.run([safeguard, "check", "--jsonl", "-"], input=lines, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["harmful", "clean"]


def test_it_is_the_installed_package_that_runs(safeguard: Path, tmp_path: Path) -> None:
    program = "import safeguard, safeguard.system.shipped as s; print(safeguard.__file__); print(s.rules())"
    done = subprocess.run([safeguard.with_name("python"), "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        assert Path(line).is_relative_to(safeguard.parent.parent.resolve())


@pytest.mark.parametrize("command", ["demo", "run", "browse", "check", "filter", "log", "rules"])
def test_every_command_loads(safeguard: Path, tmp_path: Path, command: str) -> None:
    done = subprocess.run([safeguard, command, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
