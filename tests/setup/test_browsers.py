"""Real browsers under the policies: watched sites come filtered or not at all, the rest of the web is as before."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from safeguard.setup import policies
from safeguard.setup.policies import CHROMIUM_FILE, CHROMIUM_FOLDERS, FIREFOX_FILE, Options
from safeguard.system import browser_pac
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.conftest import net_of as net_of
from tests.proxy.rig import HOST, LOOPBACK, Reply, Server
from tests.setup.seats import BESIDE, KINDS, Trap, seat

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

ELSEWHERE = "elsewhere.test"
PAGE = f"<!doctype html><p>good morning</p><p>you {BAD}</p>".encode()


@pytest.fixture
def net(net_of: Start) -> Net:
    return net_of({"/": Reply(PAGE)})


@pytest.fixture
def trap(net: Net) -> Iterator[Trap]:
    made = Trap(net.server.port, PAGE)
    yield made
    made.close()


@pytest.fixture
def elsewhere(net: Net) -> Iterator[Server]:
    """A site that nobody watches, with a picture and a frame of one that is watched."""
    parts = f'<img src="https://{HOST}:{net.server.port}/p"><iframe src="https://{HOST}:{net.server.port}/"></iframe>'
    server = Server(
        None,
        {
            "/": Reply(b"<p>the rest of the web"),
            "/later": Reply(b"<p>the rest of the web"),
            "/parts": Reply(f"<p>the rest of the web{parts}".encode()),
        },
    )
    yield server
    server.close()


def told(net: Net, options: Options | None = None) -> dict[PurePosixPath, bytes]:
    assert net.proxy is not None
    return policies.files(browser_pac.data_url([HOST], net.proxy.address), net.authority.root_pem, options or Options())


HOSTS = {HOST: BESIDE, ELSEWHERE: LOOPBACK}


@pytest.mark.parametrize("kind", KINDS)
def test_watched_sites_come_filtered_or_not_at_all(net: Net, trap: Trap, elsewhere: Server, tmp_path: Path, kind: str) -> None:
    watched, other = f"https://{HOST}:{net.server.port}/", f"http://{ELSEWHERE}:{elsewhere.port}/"
    with seat(kind, tmp_path, told(net), HOSTS) as child:
        error, text = child.look(watched)
        assert error == ""
        assert "good morning" in text
        assert "SafeGuard" in text
        assert BAD not in text
        assert "the rest of the web" in child.look(other)[1]

        assert net.proxy is not None
        net.proxy.stop()
        served = len(net.server.seen)
        error, text = child.look(watched + "?again")
        assert error == child.refused
        assert BAD not in text
        assert "the rest of the web" in child.within(3, other + "later")
        assert "the rest of the web" in child.within(6, other + "parts")
        assert child.look(watched)[0] == child.refused
    assert len(net.server.seen) == served
    assert trap.visits == 0


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_policies_the_trap_would_have_seen_it(net: Net, trap: Trap, tmp_path: Path, kind: str) -> None:
    with seat(kind, tmp_path, {}, HOSTS) as child:
        child.look(f"https://{HOST}:{net.server.port}/")
        assert BAD in child.look(f"http://{HOST}:{net.server.port}/")[1]
    assert trap.visits > 1


def test_chromium_knows_every_policy_and_ours_is_the_last_word(net: Net, tmp_path: Path) -> None:
    theirs = next(iter(CHROMIUM_FOLDERS)) / "school.json"
    files = {**told(net), theirs: b'{"QuicAllowed": true, "ProxyMode": "direct", "HomepageLocation": "https://school.test/"}'}
    every = """(() => { const out = []; const walk = root => { out.push(root.textContent || "");
        for (const e of root.querySelectorAll("*")) if (e.shadowRoot) walk(e.shadowRoot); };
        walk(document); return out.join("|").replace(/\\s+/g, " "); })()"""
    with seat("chromium", tmp_path, files, HOSTS) as child:
        assert child.chromium is not None
        page = child.chromium.open("chrome://policy/")
        page.wait(f"({every}).includes('QuicAllowed false')")
        shown = page.eval(every)
        state = dict(re.findall(r"\| ?(\w+) [^|]*? Platform Machine Mandatory (\w+)", shown))
        ours = set(json.loads(files[theirs.parent / CHROMIUM_FILE]))
        assert {name for name in ours if state.get(name) != "OK"} == {"QuicAllowed"}  # where Chromium sees that two files speak of it
        assert child.look(f"https://{HOST}:{net.server.port}/")[0] == ""
    assert net.server.seen


def addon(folder: Path, name: str, *permissions: str) -> str:
    """An add-on of Firefox that asks for those permissions, packed; returns its path."""
    path = folder / f"{name}.xpi"
    gecko = {"gecko": {"id": f"{name}@test"}}
    manifest = {"manifest_version": 2, "name": name, "version": "1", "permissions": permissions, "browser_specific_settings": gecko}
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("manifest.json", json.dumps(manifest))
    return str(path)


INSTALL = """const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
const { FileUtils } = ChromeUtils.importESModule("resource://gre/modules/FileUtils.sys.mjs");
return AddonManager.installTemporaryAddon(new FileUtils.File(arguments[0])).then(() => true, () => false);"""
STATE = """const at = (name) => [Services.prefs.prefIsLocked(name),
    Services.prefs.getPrefType(name) === Services.prefs.PREF_BOOL ? Services.prefs.getBoolPref(name) : Services.prefs.getIntPref(name)];
return { status: Services.policies.status, private: Services.policies.isAllowed("privatebrowsing"),
    home: Services.prefs.getStringPref("browser.startup.homepage"), type: at("network.proxy.type"), names: at("network.trr.mode"),
    addons: ["xpinstall", "installTemporaryAddon"].map(what => Services.policies.isAllowed(what)),
    direct: at("network.proxy.failover_direct"), quic: at("network.http.http3.enable") };"""


@pytest.mark.parametrize("free", [False, True], ids=["strict", "free"])
def test_firefox_heeds_every_policy(net: Net, tmp_path: Path, free: bool) -> None:
    options = Options(own_dns=free, private_windows=free, extensions=free)
    theirs = json.dumps({"policies": {"Homepage": {"URL": "https://school.test/"}}}).encode()
    assert net.proxy is not None
    files = policies.files(browser_pac.data_url([HOST], net.proxy.address), net.authority.root_pem, options, {FIREFOX_FILE: theirs})
    with seat("firefox", tmp_path, files, HOSTS) as child:
        assert child.firefox is not None
        state = child.firefox.chrome(STATE)
        assert state["status"] == 1
        assert state["home"] == "https://school.test/"
        assert state["type"] == [True, 2]
        assert state["direct"] == [True, False]
        assert state["quic"] == [True, False]
        assert (state["names"] == [True, 5]) is not free
        assert state["private"] is free
        installed = [child.firefox.chrome(INSTALL, addon(tmp_path, *what)) for what in (("plain", "tabs"), ("past", "proxy", "<all_urls>"))]
        assert installed == [True, False]  # by the browser's own rights, which no page and no button has where they are not free
        assert state["addons"] == [free, free]
