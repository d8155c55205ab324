"""`safeguard open` finds the page also where the settings are the service's alone, as in the session of a parent."""

from __future__ import annotations

import socket

import pytest

from safeguard.cli import open as command
from safeguard.cli.parents_page import _tell_port
from safeguard.system.paths import Paths
from tests.cli.conftest import Call


@pytest.mark.parametrize(("told", "port"), [(b"4711\n", 4711), (b"", 8876), (b"x", 8876), (None, 8876), (b"9" * 5000, 999_999)])
def test_the_port_that_the_service_tells(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch, told: bytes | None, port: int) -> None:
    asked: list[int] = []
    paths.page.parent.mkdir(parents=True)
    paths.config.mkdir(parents=True)
    paths.settings.write_text("page:\n  port: 1234\n")
    if told is not None:
        paths.page.write_bytes(told)
    monkeypatch.setattr(command, "of_service", lambda place: True)
    monkeypatch.setattr(command.page_probe, "problem", lambda port: asked.append(port) or "")
    assert call("open", "--print").stdout == f"http://127.0.0.1:{port}/\n"
    monkeypatch.setattr(command, "of_service", lambda place: False)
    assert call("open", "--print").stdout == "http://127.0.0.1:1234/\n"
    assert asked == [port, 1234]


def test_the_service_tells_it_while_it_serves(paths: Paths) -> None:
    from contextlib import ExitStack

    with ExitStack() as until:
        _tell_port(until, paths, 4711)  # not installed: nobody needs it
    paths.page.parent.mkdir(parents=True)
    with ExitStack() as until:
        _tell_port(until, paths, 4711)
        assert paths.page.read_text() == "4711\n"
        assert paths.page.stat().st_mode & 0o777 == 0o644
    assert not paths.page.exists()


def test_clicked_in_a_menu_it_says_on_the_desktop_that_no_page_runs(call: Call, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths.config.mkdir(parents=True)
    paths.settings.write_text(f"page:\n  port: {port}\n")
    monkeypatch.setattr(command.desktop, "show", lambda title, text: shown.append(text))
    done = call("open")
    assert (done.exit_code, len(shown)) == (1, 1)
    assert shown[0] in done.stderr
    assert call("open", "--print").exit_code == 1
    assert len(shown) == 1  # a script asked
