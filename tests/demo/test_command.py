"""`safeguard demo` itself: what it prints last and how it exits; the visits are stood in for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safeguard.cli.demo import demo
from safeguard.demo import show, window
from safeguard.demo.content import items
from safeguard.demo.report import Report, Row

Run = Callable[..., tuple[Result, dict[str, object]]]
NOTICE = "[Hidden by SafeGuard: hate. Code K7. Ask a parent.]"


def row(number: int, ok: bool = True) -> Row:
    item = items()[number]
    return Row(item, ok, NOTICE if item.harmful == ok else item.text, "" if ok else "not hidden", None)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    made: dict[str, object] = {"plain": None, "picture": None}

    @contextmanager
    def stage() -> Iterator[str]:
        yield "stage"

    def start(rows: list[Row], *options: str) -> tuple[Result, dict[str, object]]:
        def visit(on: object, *, plain: bool = False) -> Report:
            made["plain"] = plain
            return Report(tuple(rows), "somebody")

        monkeypatch.setattr(show, "stage", stage)
        monkeypatch.setattr(show, "visit", visit)
        monkeypatch.setattr(show, "draw", lambda on, target: made.update(picture=target))
        monkeypatch.setattr(window, "look", lambda *a: pytest.fail("no window without a terminal"))
        return CliRunner().invoke(demo, list(options)), made

    return start


def test_all_well_is_exit_0_and_the_promised_last_line(run: Run) -> None:
    result, made = run([row(0), row(1)])
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "demo: 1 of 1 harmful texts hidden, 1 of 1 harmless texts shown"
    assert "MISSED" not in result.output
    assert made["plain"] is False


def test_a_miss_is_listed_and_is_exit_1(run: Run) -> None:
    result, _ = run([row(0), row(1, ok=False)])
    assert result.exit_code == 1
    assert f"MISSED {items()[1].id} (incitement): not hidden" in result.output
    assert result.output.splitlines()[-1] == "demo: 0 of 1 harmful texts hidden, 1 of 1 harmless texts shown"


def test_json_is_one_line(run: Run) -> None:
    result, made = run([row(1, ok=False)], "--json", "--plain")
    told = json.loads(result.output)
    assert (told["ok"], told["texts"][0]["id"], result.exit_code, made["plain"]) == (False, items()[1].id, 1, True)


def test_picture(run: Run, tmp_path: Path) -> None:
    _, made = run([row(0)], "--picture", str(tmp_path / "a.png"))
    assert made["picture"] == tmp_path / "a.png"


@pytest.mark.parametrize(("name", "there"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("OTHER", False)])
def test_a_screen_is_known_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, there: bool) -> None:
    for known in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, ":0")
    assert window.screen() is there
