"""`safeguard report`: what is chosen, where it goes, exit codes, and that it finds what was changed."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.evidence import container, names
from safeguard.policy.incident import Body
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from tests.cli.conftest import Call, Run
from tests.store.conftest import incident

HOSTILE = "\x1b[31m<script>alert(1)</script>\u202e ../../x"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rules' reasons, which take seconds to compile."""
    monkeypatch.setattr(wiring, "compiled_rules", lambda settings: type("Rules", (), {"whys": {"some-rule": "It says why."}, "titles": {}}))


@pytest.fixture
def log(paths: Paths) -> None:
    store = wiring.open_store(Settings())
    store.add(incident("AB12-CD34", whole="all of it", body=Body("text/html", 3, 0, b"raw"), category="personal_threat"))
    store.add(incident("EF56-GH78", severity=1, category="slur", site=HOSTILE, author=HOSTILE, url=HOSTILE))
    store.close()


@pytest.fixture
def made(call: Call, log: None, tmp_path: Path) -> Path:
    path = tmp_path / "out" / "package.zip"
    path.parent.mkdir()
    assert call("report", "--severity", "0", "-o", str(path)).exit_code == 0
    return path


def entries(path: Path) -> list[str]:
    return [e["code"] for e in json.loads(container.unpack(path.read_bytes())[names.MANIFEST])["entries"]]


def test_a_package_and_its_check(call: Call, made: Path) -> None:
    assert entries(made) == ["AB12-CD34", "EF56-GH78"]
    assert made.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as z:
        assert z.read("answers/0001.bin") == b"raw"
        assert "It says why." in z.read("index.html").decode()
    done = call("report", "--verify", str(made))
    assert done.exit_code == 0
    assert "nothing was changed" in done.stdout
    assert "2 entries" in done.stdout


def test_the_digest_that_was_told(call: Call, log: None, tmp_path: Path) -> None:
    said = call("report", "ab12-cd34", "-o", str(tmp_path / "p.zip")).stdout
    assert f"1 entry written to {tmp_path / 'p.zip'}\n" in said
    [digest] = re.findall(r"^digest of the package: ([0-9a-f]{64})$", said, re.M)
    assert call("report", "--verify", str(tmp_path / "p.zip"), "--digest", digest.upper()).exit_code == 0
    other = call("report", "--verify", str(tmp_path / "p.zip"), "--digest", "0" * 64)
    assert other.exit_code == 1
    assert "is not the one that was made" in other.stdout
    assert call("report", "--verify", str(tmp_path / "p.zip"), "--digest", "abc").exit_code == 2


@pytest.mark.parametrize("at", [0, 10, 27, 40, 300, 2000, -1, -30, -200])
def test_any_change_ends_with_one(call: Call, made: Path, at: int) -> None:
    data = bytearray(made.read_bytes())
    data[at] ^= 1
    made.write_bytes(data)
    done = call("report", "--verify", str(made))
    assert done.exit_code == 1
    assert done.stdout.endswith("CHANGED\n")
    assert done.stdout.count("\n") >= 2


def test_a_folder(call: Call, log: None, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    assert call("report", "AB12-CD34", "--folder", "-o", str(folder)).exit_code == 0
    assert call("report", "--verify", str(folder)).exit_code == 0
    cases = {
        "added": lambda: (folder / "\x1b[31mnew\u202e").write_text("x"),
        "changed": lambda: (folder / "index.html").write_bytes((folder / "index.html").read_bytes() + b" "),
        "renamed to entries/1.json": lambda: (folder / "entries/0001.json").rename(folder / "entries/1.json"),
        "missing": lambda: (folder / "answers/0001.bin").unlink(),
        "empty: added": lambda: (folder / "empty").mkdir(),
        "link: added": lambda: (folder / "link").symlink_to("/etc/passwd"),
        "manifest.json: missing": lambda: (folder / "manifest.json").unlink(),
    }
    shutil.copytree(folder, tmp_path / "good")
    for said, change in cases.items():
        change()
        done = call("report", "--verify", str(folder))
        assert (done.exit_code, said in done.stdout) == (1, True), said
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "good", folder)


def test_without_answers(call: Call, log: None, tmp_path: Path) -> None:
    assert call("report", "AB12-CD34", "--no-answers", "-o", str(tmp_path / "p.zip")).exit_code == 0
    assert b"answers/" not in b"".join(n.encode() for n in container.unpack((tmp_path / "p.zip").read_bytes()))


@pytest.mark.parametrize(
    ("args", "codes"),
    [
        (("--category", "slur"), ["EF56-GH78"]),
        (("--severity", "2"), ["AB12-CD34"]),
        (("--site", "x", "--author", "@who"), ["AB12-CD34"]),
        (("--since", "2020-01-01"), ["AB12-CD34", "EF56-GH78"]),
        (("--until", time.strftime("%Y-%m-%d")), ["AB12-CD34", "EF56-GH78"]),
        (("EF56-GH78", "AB12-CD34", "ab12-cd34"), ["AB12-CD34", "EF56-GH78"]),
    ],
    ids=str,
)
def test_what_is_chosen(call: Call, log: None, tmp_path: Path, args: tuple[str, ...], codes: list[str]) -> None:
    assert call("report", *args, "-o", str(tmp_path / "p.zip")).exit_code == 0
    assert entries(tmp_path / "p.zip") == codes


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 2),
        (("NO12-SUCH",), 2),
        (("AB12-CD34", "--severity", "1"), 2),
        (("--digest", "0" * 64, "AB12-CD34"), 2),
        (("--since", "yesterday"), 2),
        (("--since", "9999-12-31"), 1),
        (("--until", "2020-01-01 10:30"), 1),
        (("--category", "none"), 2),
        (("--verify", "/nowhere"), 2),
        (("--verify", "/nowhere", "AB12-CD34"), 2),
        (("--verify", "/nowhere", "--severity", "0"), 2),
        (("--verify", "/"), 1),
        (("AB12-CD34", "-o", "/nowhere/p.zip"), 2),
    ],
    ids=str,
)
def test_exit_codes(call: Call, log: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], code: int) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("report", *args)
    assert done.exit_code == code
    assert "\x1b" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced(call: Call, made: Path) -> None:
    before = made.read_bytes()
    done = call("report", "AB12-CD34", "-o", str(made))
    assert (done.exit_code, "is there already" in done.stderr) == (2, True)
    assert made.read_bytes() == before


def test_a_name_of_its_own(call: Call, log: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("report", "AB12-CD34").exit_code == 0
    [path] = tmp_path.iterdir()
    assert re.fullmatch(r"safeguard-evidence-\d{4}-\d\d-\d\d-\d{6}\.zip", path.name)


def test_for_whom_it_is(call: Call, log: None, tmp_path: Path) -> None:
    path = tmp_path / "there.zip"
    assert call("report", "AB12-CD34", "--for", "police", "-o", str(path)).exit_code == 0
    assert json.loads(container.unpack(path.read_bytes())[names.MANIFEST])["made_for"] == "police"
    assert call("report", "--verify", str(path), "--for", "police").exit_code == 2
    assert call("report", "AB12-CD34", "--for", "everybody", "-o", str(path)).exit_code == 2


def test_a_check_asks_no_pin(call: Call, made: Path, paths: Paths) -> None:
    PinStore(paths.pin).set("592718")
    assert call("report", "--verify", str(made)).exit_code == 0
    assert "the PIN is asked for" in call("report", "AB12-CD34", "-o", str(made.parent / "other.zip")).stderr
    assert not (made.parent / "other.zip").exists()


def test_as_a_user_would(run: Run, made: Path) -> None:
    assert run("report", "--verify", str(made)).returncode == 0
    made.write_bytes(made.read_bytes()[:-1])
    done = run("report", "--verify", str(made))
    assert done.returncode == 1
    assert done.stderr == ""
    assert "the zip file: changed at byte" in done.stdout
