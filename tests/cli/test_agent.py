"""`safeguard agent`: shows what the filter queued, in this session alone, and ends clearly where it cannot."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.alerts import desktop
from safeguard.config import Settings
from safeguard.errors import AlertError
from safeguard.system.paths import Paths
from tests.store.conftest import incident

Call = Callable[..., Result]


@pytest.fixture
def logged() -> None:
    store = wiring.open_store(Settings())
    store.add(incident("A1"))
    store.add(incident("T1", category="personal_threat"))
    assert store.flush()
    store.close()


@pytest.mark.usefixtures("logged")
def test_what_is_due_is_shown_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(desktop, "show", lambda title, text: shown.append(text))
    assert call("agent", "--once").stdout == "2 shown\n"
    assert call("agent", "--once").stdout == "0 shown\n"
    assert shown == ["x: a threat. Code T1", "x: hate. Code A1"]


@pytest.mark.usefixtures("logged")
def test_without_a_desktop_it_ends_with_one_line_and_nothing_is_lost(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(title: str, text: str) -> None:
        raise AlertError("alerts: this session has no desktop to show them on")

    monkeypatch.setattr(desktop, "show", none)
    done = call("agent")
    assert (done.exit_code, done.stderr) == (2, "alerts: this session has no desktop to show them on\n")
    store = wiring.open_store(Settings())
    assert len(store.alerts.pending()) == 2
    store.close()


def test_switched_off(call: Call, paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("alerts:\n  enabled: false\n")
    assert call("agent").stdout == "Alerts are switched off by the setting alerts.enabled.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_told(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "safeguard", "agent"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "Alerts are shown in this session. Stop with Ctrl-C.\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_does_not_load_the_proxy() -> None:
    program = "import sys\nfrom safeguard.cli import agent\nprint([m for m in ('mitmproxy',) if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
