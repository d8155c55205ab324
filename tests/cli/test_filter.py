"""`safeguard filter --batch`: the contract that other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from safeguard import wiring
from safeguard.cli.filter import filter_
from safeguard.errors import InputError
from tests.formats.fake import BAD, OneWord


@pytest.fixture(autouse=True)
def one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "engine_of", lambda rules: OneWord())


def case(id_: str, kind: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"id": id_, "url": "https://x.com/i/api", "content_type": kind, "file": f"in/{id_}"} | more


def batch(folder: Path, *lines: Any) -> Result:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / "list.jsonl").write_text(text, encoding="utf-8")
    return CliRunner().invoke(filter_, ["--batch", str(folder / "list.jsonl"), "--out-dir", str(folder / "out")])


def test_each_action(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    bodies = {"a": b'{"t": "fine"}', "b": json.dumps({"t": BAD}).encode(), "c": b"\x00\x01", "d": b"<p>\xff"}
    for name, body in bodies.items():
        (tmp_path / "in" / name).write_bytes(body)
    done = batch(tmp_path, case("a"), "", case("b", extra=1), case("c", "image/png"), case("d", "text/html; charset=utf-7"))
    assert (done.exit_code, done.stderr) == (0, "")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(s["id"], s["action"], s["hidden"]) for s in said] == [
        ("a", "pass", 0), ("b", "edit", 1), ("c", "pass", 0), ("d", "unchecked", 0)
    ]  # fmt: skip
    assert "utf-7" in said[3]["why"]
    out = {name: (tmp_path / "out" / name).read_bytes() for name in bodies}
    assert (out["a"], out["c"]) == (bodies["a"], bodies["c"])
    assert BAD.encode() not in out["b"]
    assert b"SafeGuard could not check" in out["d"]


@pytest.mark.parametrize(
    "id_", ["../x", "/etc/x", "a/b", "a\\b", "..", ".", "", ".hidden", "c:x", "a\nb", "nul", "COM1.txt", "x" * 300, "a."]
)
def test_an_id_cannot_leave_the_folder(tmp_path: Path, id_: str) -> None:
    done = batch(tmp_path, case("ok", file="list.jsonl"), case(id_, file="list.jsonl"))
    assert isinstance(done.exception, InputError)
    assert str(done.exception).startswith("line 2: id ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("{", "line 2: broken JSON", id="broken"),
        pytest.param("[]", "line 2: must be an object", id="no object"),
        pytest.param({"id": "b", "url": "https://x.com", "file": "f"}, "line 2: content_type must be a string", id="key missing"),
        pytest.param(case("OK", file="list.jsonl"), "line 2: id 'OK' stands already on line 1", id="id twice"),
        pytest.param(case("b", headers=7), "line 2: headers must be", id="headers"),
        pytest.param(case("b", url="https://[x"), "line 2: url is broken", id="url"),
        pytest.param(case("b", file="missing"), "line 2: ", id="file missing"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: Any, said: str) -> None:
    done = batch(tmp_path, case("ok", file="list.jsonl"), line)
    assert isinstance(done.exception, InputError)
    assert str(done.exception).startswith(said)
