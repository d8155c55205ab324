"""Two children on one computer, the real proxy between them and a network: each sees what their own profile shows."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from safeguard import wiring
from safeguard.config import Settings
from safeguard.policy.incident import Incident
from safeguard.policy.profile import Action
from safeguard.policy.profiles import Profiles, changed
from safeguard.system import peer, profiles_file, reveal
from safeguard.system.browser_probe import answers
from safeguard.system.memory import Memory
from safeguard.system.paths import Paths
from safeguard.watches import ProfileWatch
from tests.e2e.conftest import Browsers
from tests.e2e.test_proxy_run import FAMILY, free_port, started
from tests.e2e.test_proxy_run import own_site as own_site
from tests.e2e.test_proxy_run import root as run_root
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Reply
from tests.proxy.test_pictures import detail, drawn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PAGE = f"<html lang=en><article><p>one {BAD} two</p><img id=a src=/a.png></article><article><p>nice</p><img id=b src=/b.png></article>"


@pytest.fixture
def net(net_of: Start) -> Net:
    made = net_of({"/": Reply(PAGE.encode()), "/a.png": Reply(drawn(), "image/png"), "/b.png": Reply(drawn(), "image/png")})
    assert made.pipeline is not None
    made.pipeline.memory = Memory()
    made.pipeline.profiles = Profiles()
    return made


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux, to be two accounts at once")
def test_each_account_has_its_own_profile(net: Net) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    assert net.proxy is not None
    assert net.pipeline is not None
    net.pipeline.profiles = Profiles().with_account("4711", "trial").with_account("4712", "teen")
    proxy = f"http://{net.proxy.address}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "root.pem"
        root.write_bytes(net.authority.root_pem)
        root.chmod(0o644)

        def get(uid: int, path: str) -> bytes:
            command = [curl, "-sS", "--proxy", proxy, "--cacert", str(root), f"https://{HOST}:{net.server.port}{path}"]
            return subprocess.run(command, user=uid, group=uid, cwd="/", capture_output=True, timeout=60, check=True).stdout

        assert BAD.encode() in get(4711, "/")
        assert BAD.encode() not in get(4712, "/")
        assert BAD.encode() not in get(0, "/")
        assert get(4711, "/a.png") == drawn()
        assert detail(get(4712, "/a.png")) < 20
    assert [(i.account, i.action) for i in net.incidents] == [("4711", "log"), ("4712", "blur"), (peer.name_of(0), "block")]


def test_a_port_per_account(net: Net) -> None:
    """Where the system cannot tell, the port says it; a connection to no account's port gets the strictest profile."""
    from safeguard.proxy.account import Accounts
    from safeguard.proxy.addon import Addon

    assert net.proxy is not None
    assert net.pipeline is not None
    net.pipeline.profiles = Profiles().with_default("trial").with_account("ann", "teen")
    addon: Addon = net.proxy._master.addon
    for ports, shown in (({net.proxy.port: "ben"}, True), ({net.proxy.port: "ann"}, False), ({}, False)):
        addon._accounts = Accounts(ports, ask=lambda client, server: "")
        with net.tunnel() as t:
            assert (BAD in t.get("/").text) is shown


def test_chromium_shows_the_picture_blurred_and_the_other_as_it_is(net: Net, browsers: Browsers) -> None:
    page = browsers.chromium(net).open("about:blank")
    page.goto(f"https://{HOST}:{net.server.port}/")
    page.wait("Array.from(document.images).every(i => i.complete && i.naturalWidth)", 20)
    assert BAD not in page.html()
    pixels = (
        "(id => {const i = document.getElementById(id), c = document.createElement('canvas'); c.width = i.naturalWidth;"
        " c.height = i.naturalHeight; const x = c.getContext('2d'); x.drawImage(i, 0, 0); return c.toDataURL().split(',')[1]})"
    )

    def seen(name: str) -> bytes:
        import base64

        return base64.b64decode(page.eval(f"{pixels}({json.dumps(name)})"))

    assert Image.open(io.BytesIO(seen("a"))).size == (320, 200)
    assert detail(seen("a")) < 20
    assert detail(seen("b")) > 100


def test_warned_of_and_blurred_and_revealed(net: Net, paths: Paths) -> None:
    assert net.pipeline is not None
    assert isinstance(net.pipeline.memory, Memory)
    family = Profiles()
    net.pipeline.profiles = family.with_profile(changed(family.profiles["young-child"], None, Action.WARN, None))
    with net.tunnel() as t:
        warned = t.get("/").text
        assert f"<p>[SafeGuard warns: an insult. Code {net.incidents[-1].code}.] one {BAD} two</p>" in warned
        assert t.get("/a.png").body == drawn()
        net.pipeline.profiles = family.with_profile(changed(family.profiles["young-child"], None, Action.BLUR, None))
        with reveal.Service(paths.state, net.pipeline.memory.original, net.pipeline.memory.sweep):
            assert BAD not in t.get("/").text
            code = net.incidents[-1].code
            assert reveal.ask(paths.state, code).text == f"one {BAD} two"
            net.pipeline.profiles = family
            net.pipeline.memory = memory = Memory()
            assert BAD not in t.get("/").text
            assert memory.original(code) is None  # block keeps nothing


def test_a_running_filter_takes_up_what_is_written(net: Net, paths: Paths) -> None:
    assert net.pipeline is not None
    watch = ProfileWatch(Settings(), net.pipeline)
    said: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop, said.append, 0.02))
    thread.start()
    try:
        profiles_file.write(paths, Profiles().with_default("trial"))
        until(lambda: len(said) == 1)
        with net.tunnel() as t:
            assert BAD in t.get("/").text
        broken = profiles_file.place(paths).with_suffix(".new")
        broken.write_text("default: adult\n")
        broken.replace(profiles_file.place(paths))  # at once: an empty file would be read as settings of its own
        until(lambda: len(said) == 2)
        assert "the last good ones stay in force" in said[1]
        with net.tunnel() as t:
            assert BAD in t.get("/").text
    finally:
        stop.set()
        thread.join(10)


def test_run_listens_on_every_port_and_answers_for_its_memory(own_site: Paths) -> None:
    first, second = free_port(), free_port()
    own_site.settings.write_text(f"listen:\n  port: {first}\n  accounts:\n    anna: {second}\n    ben: {first}\n")
    store = wiring.open_store(Settings())
    store.add(Incident("AB12-CD34", "unit", "s", "u", "blur", "slur", 2, 1.0, None, "r", "a", "post", "e"))
    store.close()
    with started(sys.executable, "-m", "safeguard", "run") as p:
        assert p.stdout is not None
        assert f"127.0.0.1:{first}" in p.stdout.readline()
        assert answers(first, run_root(own_site), FAMILY)
        assert answers(second, run_root(own_site), FAMILY)
        command = [sys.executable, "-m", "safeguard", "log", "show", "AB12-CD34", "--reveal"]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (asked.returncode, asked.stdout) == (1, "")
        assert asked.stderr.startswith("no text for this code in memory")
        p.send_signal(signal.SIGTERM)
        _, errors = p.communicate(timeout=30)
        assert p.returncode == 0, errors
    assert not list(own_site.state.glob("reveal-*"))
