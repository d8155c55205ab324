"""The filter serves the parents' page where it is asked to, with its own log, and goes on where it cannot."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable

import pytest

from safeguard.cli.run import serving
from safeguard.config import Settings
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore

PIN = "592718"


@pytest.fixture
def port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def status(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_is_there_while_the_filter_runs(port: int) -> None:
    with serving(Settings(page_port=port), 0, lambda line: None, page=True) as on:
        assert on.page == f"http://127.0.0.1:{port}/"
        code, text = status(port)
        assert code == 200
        assert "safeguard pin set" in text  # no PIN yet: nothing else is there
    with pytest.raises(OSError, match="refused"):
        status(port)


def test_its_overview_says_how_well_the_filters_sites_are_protected(port: int, ship: Callable[[dict[str, str]], None]) -> None:
    ship(
        {
            "sites/plain.yaml": "title: Plain One\ndomains: [plain.test]\n",
            "sites/half.yaml": "title: Half\ndomains: [half.test]\nopaque: dom_guard\n",
        }
    )
    PinStore(Paths.of_user().pin).set(PIN)
    with serving(Settings(page_port=port), 0, lambda line: None, page=True):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        origin = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", f"pin={PIN}", origin)
        answer = connection.getresponse()
        answer.read()
        connection.request("GET", "/overview/sites.csv", headers={"Cookie": str(answer.getheader("Set-Cookie")).split(";")[0]})
        lines = connection.getresponse().read().decode("utf-8-sig").splitlines()
        connection.close()
    assert "Plain One,protected," in lines
    assert any("partly protected,Answers in binary form" in line for line in lines)


@pytest.mark.parametrize(("page", "enabled"), [(False, True), (True, False)])
def test_not_where_nobody_asked(port: int, page: bool, enabled: bool) -> None:
    """`browse` brings a filter of its own into what may be the child's session."""
    with serving(Settings(page_port=port, page=enabled), 0, lambda line: None, page=page) as on:
        assert on.page == ""
        with pytest.raises(OSError, match="refused"):
            status(port)


def test_a_taken_port_stops_no_filter() -> None:
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(Settings(page_port=port), 0, said.append, page=True) as on:
            assert on.handle.alive
            assert on.page == ""
    assert [line for line in said if "page.port" in line and str(port) in line]
