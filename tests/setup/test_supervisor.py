"""The filter is killed and killed again under the supervisor: it is back at once, and no browser gets past it meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from safeguard.errors import InputError
from safeguard.setup import policies, supervisor
from safeguard.setup.policies import Options
from safeguard.system import browser_pac
from safeguard.system.browser_probe import answers
from safeguard.system.paths import Paths
from tests.e2e.test_proxy_run import free_port
from tests.proxy.rig import HOST, LOOPBACK, Reply, Server
from tests.setup import apart
from tests.setup.seats import BESIDE, KINDS, Trap, seat

KILLS = 20
BACK_S = 2.0
HATE = "All Georgians are vermin and must be wiped out, every last one of them"
PAGE = f"<!doctype html><p>good morning</p><p>{HATE}</p>".encode()
ASKING = f"""<!doctype html><p>the rest of the web<script>
let n = 0; setInterval(() => {{ new Image().src = "http://{HOST}:%d/picture?" + n++; }}, 200);</script>"""


@contextmanager
def supervised(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A command under the supervisor, with the rights of whoever runs the tests."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as p:
        lines: list[str] = []
        threads = [threading.Thread(target=lines.extend, args=(pipe,), daemon=True) for pipe in (p.stdout, p.stderr)]
        for thread in threads:
            thread.start()
        try:
            yield p
        finally:
            p.terminate()
            with suppress(subprocess.TimeoutExpired):
                p.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(p.pid, signal.SIGKILL)
            for thread in threads:
                thread.join(10)


def keeping(serve: str) -> tuple[str, ...]:
    """A supervisor of something smaller than a filter: Python that is run in the fork."""
    code = f"""import os, pwd, signal, sys, threading, time
from safeguard.setup import supervisor
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
def serve():
    {serve}
supervisor.keep(serve, pwd.getpwuid(os.getuid()), stop)"""
    return (sys.executable, "-c", code)


def child_of(pid: int) -> int:
    """The one process that it started, 0 where there is none."""
    return int((Path(f"/proc/{pid}/task/{pid}/children").read_text().split() or ["0"])[0])


def until(true: Callable[[], object], seconds: float) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_killed_twenty_times_it_is_back_and_nothing_got_past_it(paths: Paths, tmp_path: Path) -> None:
    """`safeguard run` itself, the shipped rules, and both browsers asking for the watched site all the while."""
    apart.need_apart()
    server = Server(None, {"/": Reply(PAGE)})
    trap = Trap(server.port, PAGE)
    elsewhere = Server(None, {"/": Reply((ASKING % server.port).encode()), "/later": Reply(b"<p>the rest of the web")})
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "family.yaml").write_text(f"title: Family\ndomains: [{HOST}]\n")
    paths.settings.write_text(f"upstream:\n  private_hosts: ['{HOST}:{server.port}']\nalerts:\n  enabled: false\n")
    port = free_port()
    python = apart.program(tmp_path / "filter", sys.executable, {}, {HOST: LOOPBACK})
    root = paths.state / "ca" / "safeguard-root.crt"
    watched, other = f"http://{HOST}:{server.port}/", f"http://elsewhere.test:{elsewhere.port}/"
    try:
        with supervised(python, "-m", "safeguard", "supervise", "--port", str(port)) as p:
            until(lambda: root.exists() and answers(port, root.read_bytes(), HOST), 60)
            files = policies.files(browser_pac.data_url([HOST], f"{LOOPBACK}:{port}"), root.read_bytes(), Options())
            hosts = {HOST: BESIDE, "elsewhere.test": LOOPBACK}
            with seat(KINDS[0], tmp_path / "0", files, hosts) as chromium, seat(KINDS[1], tmp_path / "1", files, hosts) as firefox:
                assert chromium.chromium is not None
                for child in (chromium, firefox):
                    assert "SafeGuard" in child.look(watched)[1]
                asking = chromium.chromium.open(other)
                back, failed = [], 0
                for n in range(KILLS):
                    pid = child_of(p.pid)
                    os.kill(pid, signal.SIGKILL)
                    child = (chromium, firefox)[n % 2]
                    took = threading.Event()

                    def measure(gone: int = pid, done: threading.Event = took) -> None:
                        began = time.monotonic()
                        until(lambda: child_of(p.pid) not in (0, gone) and answers(port, root.read_bytes(), HOST), 30)
                        back.append(time.monotonic() - began)
                        done.set()

                    threading.Thread(target=measure, daemon=True).start()
                    error, text = child.look(f"{watched}?{n}")
                    assert HATE not in text
                    failed += error == child.refused
                    assert took.wait(30)
                    error, text = child.look(watched)
                    assert (error, HATE in text) == ("", False)
                    assert "SafeGuard" in text
                assert "the rest of the web" in asking.text()
                assert "the rest of the web" in firefox.look(other + "later")[1]
        print(f"back after {min(back):.2f} to {max(back):.2f} s; {failed} pages were refused meanwhile")
        assert len(back) == KILLS
        assert max(back) < BACK_S, back
        assert failed
        assert trap.visits == 0
        assert any(path.startswith("/picture") for path, _ in server.seen)
    finally:
        trap.close()
        server.close()
        elsewhere.close()


def test_the_pace_is_bounded_and_a_kill_is_answered_at_once() -> None:
    assert supervisor.pause_after(1.0, 0.2, -signal.SIGKILL) == supervisor.FIRST_S
    assert supervisor.pause_after(1.0, 3600, 1) == supervisor.FIRST_S
    paces = [supervisor.FIRST_S]
    for _ in range(10):
        paces.append(supervisor.pause_after(paces[-1], 0.1, 1))
    assert paces == sorted(paces)
    assert paces[-1] == supervisor.MOST_S < BACK_S


SLEEPS = keeping("time.sleep(1000)")


def test_it_ends_what_it_started() -> None:
    with supervised(*SLEEPS) as p:
        until(lambda: child_of(p.pid), 20)
        pid = child_of(p.pid)
        p.terminate()
        assert p.wait(10) == 0
    assert not Path(f"/proc/{pid}").exists()


def test_told_to_end_at_any_moment_after_a_fork_it_ends_soon() -> None:
    for _ in range(5):
        with supervised(*SLEEPS) as p:
            while not child_of(p.pid):
                pass
            p.terminate()
            assert p.wait(supervisor.STOP_S - 1) == 0


def test_one_that_does_not_want_to_end_is_ended(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); time.sleep(1000)"
    with supervised(*keeping(deaf)) as p:
        until(ready.exists, 20)
        p.terminate()
        assert p.wait(supervisor.STOP_S + 10) == 0


def test_killed_itself_it_leaves_no_filter_behind() -> None:
    with supervised(*keeping("open(f'/proc/{os.getpid()}/comm', 'w').write('serving'); time.sleep(1000)")) as p:
        until(lambda: (pid := child_of(p.pid)) and Path(f"/proc/{pid}/comm").read_text() == "serving\n", 20)
        pid = child_of(p.pid)
        p.kill()
        until(lambda: not Path(f"/proc/{pid}").exists(), 5)


def test_one_that_cannot_start_is_tried_again_in_bounds(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    with supervised(*keeping(f"open({str(tries)!r}, 'a').write('x'); sys.exit(1)")) as p:
        until(lambda: tries.exists() and len(tries.read_text()) >= 3, 30)
        so_far = len(tries.read_text())
        time.sleep(3)
        assert p.poll() is None
        assert so_far < len(tries.read_text()) <= so_far + 30


def test_an_account_that_is_none_is_said() -> None:
    with pytest.raises(InputError, match="no such account"):
        supervisor.account_of("no such account")


def test_the_filter_has_the_rights_of_its_account_alone(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: only root can start something as another account")
    code = keeping("print(open('/proc/self/status').read(), os.environ['HOME'], flush=True); time.sleep(1000)")[2]
    with subprocess.Popen(
        [sys.executable, "-c", code.replace("pwd.getpwuid(os.getuid())", "supervisor.account_of('nobody')")],
        stdout=subprocess.PIPE,
        text=True,
    ) as p:
        assert p.stdout is not None
        told: dict[str, list[str]] = {}
        while "nonvoluntary_ctxt_switches" not in told:
            name, _, value = p.stdout.readline().partition(":")
            told[name] = value.split()
        p.terminate()
    assert set(told["Uid"]) == {"65534"}
    assert "0" not in told["Gid"] + told["Groups"]
    assert told["NoNewPrivs"] == ["1"]
    assert {*told["CapEff"], *told["CapPrm"]} == {"0" * 16}
