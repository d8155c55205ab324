"""`safeguard run`, `safeguard browse` and mitmdump with our addon, as processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.system.browser_probe import answers
from safeguard.system.chromium_pipe import find_chromium
from safeguard.system.paths import Paths
from tests.e2e.conftest import need
from tests.proxy.rig import LOOPBACK, Tunnel

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

FAMILY = "family.test"
SITE = f"title: Family\ndomains: [{FAMILY}]\n"
ADDON = Path(__file__).parents[2] / "addons" / "safeguard_addon.py"


@pytest.fixture
def own_site(paths: Paths) -> Paths:
    """A watched site of the family's own, a name that leads nowhere: no test asks a real social network."""
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "family.yaml").write_text(SITE)
    return paths


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as s:
        return int(s.getsockname()[1])


@contextmanager
def started(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **(env or {})}) as p:
        try:
            yield p
        finally:
            p.kill()


def root(paths: Paths) -> bytes:
    return (paths.state / "ca" / "safeguard-root.crt").read_bytes()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_run_and_clean_stop(own_site: Paths, how: signal.Signals) -> None:
    port = str(free_port())
    with started(sys.executable, "-m", "safeguard", "run", "--port", port) as p:
        assert p.stdout is not None
        assert f"127.0.0.1:{port}" in p.stdout.readline()
        assert answers(int(port), root(own_site), FAMILY)
        with Tunnel(int(port), FAMILY, 443, root(own_site)) as t:
            got = t.get("/", Sec_Fetch_Dest="document")
        assert got.status == 502
        assert "SafeGuard" in got.text
        told = subprocess.run([sys.executable, "-m", "safeguard", "status", "--json"], capture_output=True, text=True, timeout=60)
        assert told.returncode == 0, told.stderr
        assert [r["pid"] for r in json.loads(told.stdout)["running"]] == [p.pid]
        second = subprocess.run([sys.executable, "-m", "safeguard", "run", "--port", port], capture_output=True, text=True, timeout=60)
        assert second.returncode == 2
        assert second.stderr.count("\n") == 1
        p.send_signal(how)
        rest, errors = p.communicate(timeout=30)
        assert p.returncode == 0, errors
        assert rest.endswith("SafeGuard stopped.\n")
        assert "Traceback" not in errors
    assert own_site.log.exists()


def test_a_broken_rule_file_is_named_while_it_runs(own_site: Paths) -> None:
    with started(sys.executable, "-m", "safeguard", "run", "--port", str(free_port())) as p:
        assert p.stdout is not None
        assert p.stderr is not None
        p.stdout.readline()
        (own_site.rules / "sites" / "broken.yaml").write_text("title: [")
        line = ""
        while "last good" not in line:
            line = p.stderr.readline()
            assert line
        assert "broken.yaml" in p.stderr.readline()
        assert p.poll() is None


def test_a_new_site_waits_for_the_parents_yes(own_site: Paths) -> None:
    """The list grows while the filter runs: the site is blocked and told of, also at the next start, until `safeguard ca renew`."""
    port = free_port()
    authority = own_site.state / "ca" / "authority.pem"
    run = (sys.executable, "-m", "safeguard", "run", "--port", str(port))

    def said(p: subprocess.Popen[str], part: str) -> None:
        assert p.stderr is not None
        line = " "
        while part not in line:
            line = p.stderr.readline()
            assert line

    def status_of(domain: str) -> int:
        try:
            with Tunnel(port, domain, 443, root(own_site)) as t:
                return t.get("/", Sec_Fetch_Dest="document").status
        except (OSError, ConnectionError):
            return 0

    with started(*run) as p:
        assert p.stdout is not None
        p.stdout.readline()
        before = authority.read_bytes()
        (own_site.rules / "sites" / "new.yaml").write_text("title: New\ndomains: [newcomer.test]\n")
        said(p, "newcomer.test")
        assert status_of(FAMILY) == 502
        assert status_of("newcomer.test") == 0
    with started(*run) as p:
        said(p, "newcomer.test")
        assert p.stdout is not None
        p.stdout.readline()
        assert status_of(FAMILY) == 502
        assert status_of("newcomer.test") == 0
    assert authority.read_bytes() == before
    store = wiring.open_store(Settings())
    assert [a.category for a in store.alerts.pending()] == ["certificate"]
    store.close()
    done = subprocess.run([sys.executable, "-m", "safeguard", "ca", "renew", "--yes"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with started(*run) as p:
        assert p.stdout is not None
        p.stdout.readline()
        assert status_of(FAMILY) == status_of("newcomer.test") == 502
        p.terminate()
        assert "newcomer.test" not in p.communicate(timeout=30)[1]


KEYS = ("SSLKEYLOGFILE", "MITMPROXY_SSLKEYLOGFILE")


@pytest.mark.parametrize("command", ["run", "demo"])
def test_no_key_of_a_connection_is_written_to_a_file(own_site: Paths, tmp_path: Path, command: str) -> None:
    """The demo's proxy has real connections on both sides."""
    env = {name: str(tmp_path / name) for name in KEYS}
    port = free_port()
    if command == "demo":
        subprocess.run([sys.executable, "-m", "safeguard", "demo", "--plain"], env={**os.environ, **env}, capture_output=True, timeout=110)
    else:
        with started(sys.executable, "-m", "safeguard", "run", "--port", str(port), env=env) as p:
            assert p.stdout is not None
            p.stdout.readline()
            assert answers(port, root(own_site), FAMILY)
    assert list(tmp_path.glob("*KEYLOGFILE")) == []


def test_laxer_permissions_stop_the_start(own_site: Paths) -> None:
    folder = own_site.state / "ca"
    folder.mkdir(parents=True)
    own_site.state.chmod(0o700)
    folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-m", "safeguard", "run", "--port", "1024"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "chmod 700" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("running", [True, False], ids=["beside run", "alone"])
def test_browse_opens_a_browser_that_trusts_the_filter(own_site: Paths, tmp_path: Path, running: bool) -> None:
    """The browser on PATH is the real one, told to be headless and to print the page: the second one, behind ours (proxy/before.py)."""
    real = find_chromium()
    if real is None:
        pytest.skip("no Chromium on PATH")
    need("certutil")
    out = tmp_path / "page.html"
    script = tmp_path / "bin" / "chromium"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {real} --headless --disable-gpu --dump-dom --virtual-time-budget=20000 "$@" >{out} 2>{out}.log\n')
    script.chmod(0o755)
    env = {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"}
    port = str(free_port())
    browse = [sys.executable, "-m", "safeguard", "browse", "--port", port, f"https://{FAMILY}/"]

    def look() -> str:
        done = subprocess.run(browse, env={**os.environ, **env}, capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, done.stderr
        assert ("brings its own" in done.stderr) is not running
        return out.read_text()

    if running:
        with started(sys.executable, "-m", "safeguard", "run", "--port", port) as p:
            assert p.stdout is not None
            p.stdout.readline()
            page = look()
    else:
        page = look()
    assert "This site could not be reached" in page


MITMDUMP = shutil.which("mitmdump", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
SAFE = ("--listen-host", LOOPBACK, "--set", "onboarding=false")
REFUSED = {
    "every interface": (("--set", "onboarding=false"), "listen-host"),
    "another address of a mode": (("--mode", "regular@0.0.0.0:0", *SAFE), "listen-host"),
    "onboarding": (SAFE[:2], "onboarding"),
    "ssl_insecure": (("--ssl-insecure", *SAFE), "ssl_insecure"),
    "old encryption": (("--set", "tls_version_server_min=TLS1_1", *SAFE), "tls_version_server_min"),
    "streaming": (("--set", "stream_large_bodies=1m", *SAFE), "stream_large_bodies"),
    "another mode": (("--mode", "socks5", *SAFE), "regular"),
}


@pytest.mark.skipif(MITMDUMP is None, reason="mitmdump is not installed")
@pytest.mark.parametrize(("options", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_mitmdump_exits_where_the_addon_refuses(own_site: Paths, options: tuple[str, ...], told: str) -> None:
    command = [str(MITMDUMP), "-p", str(free_port()), "-s", str(ADDON), "--set", f"confdir={own_site.config / 'mitm'}", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert told in done.stdout + done.stderr
    # mitmproxy's own check of that option may fail with one, where OpenSSL knows no such version
    assert f'File "{ADDON.parent.parent}/safeguard/' not in done.stdout + done.stderr
    assert f'File "{ADDON}' not in done.stdout + done.stderr


@pytest.mark.skipif(MITMDUMP is None, reason="mitmdump is not installed")
def test_mitmdump_filters_with_the_addon(own_site: Paths, tmp_path: Path) -> None:
    port = free_port()
    keys = {name: str(tmp_path / name) for name in KEYS}
    with started(str(MITMDUMP), "-p", str(port), "-s", str(ADDON), "--set", f"confdir={own_site.config / 'mitm'}", *SAFE, env=keys) as p:
        end = time.monotonic() + 60
        while not ((own_site.state / "ca" / "safeguard-root.crt").exists() and answers(port, root(own_site), FAMILY)):
            assert p.poll() is None
            assert time.monotonic() < end, "the addon did not get ready"
            time.sleep(0.1)
        with Tunnel(port, FAMILY, 443, root(own_site)) as t:
            assert "SafeGuard" in t.get("/", Sec_Fetch_Dest="document").text
    assert not any("SECRET" in file.read_text() for file in tmp_path.glob("*KEYLOGFILE"))  # a library's empty file may be there


def test_the_addon_file_is_short() -> None:
    assert len(ADDON.read_text().splitlines()) < 20
