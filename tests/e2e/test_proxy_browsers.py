"""Chromium, Firefox and curl through the proxy: they trust it for the watched site, read the filtered page, and refuse a forged bank."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from safeguard.policy import bad_server
from safeguard.proxy import ca
from safeguard.system import browser, browser_pac
from tests.e2e.conftest import Browsers, need
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, LOOPBACK, Pki, Reply, Server, websocket

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PAGE = f"""<!doctype html><html lang=en><p>good morning</p><p>you {BAD}</p><ul id=live></ul><script>
const live = document.getElementById("live");
const add = (how, text) => {{ const li = document.createElement("li"); li.textContent = how + ": " + text; live.append(li); }};
fetch("/api").then(r => r.json()).then(j => add("xhr", j.text));
new WebSocket("wss://" + location.host + "/ws").onmessage = m => add("ws", JSON.parse(m.data).text);
new EventSource("/events").onmessage = m => add("sse", JSON.parse(m.data).text);
</script>""".encode()


async def events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    """One event, then silence: a proxy that buffers shows nothing."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    writer.write(f'data: {{"text": "hello {BAD}"}}\n\n'.encode())
    await writer.drain()
    await asyncio.sleep(600)


def network(net_of: Start) -> Net:
    api = Reply(f'{{"text": "you {BAD}"}}'.encode(), "application/json")
    return net_of({"/": Reply(PAGE), "/api": api, "/ws": websocket([f'{{"text": "{BAD} again"}}']), "/events": events})


def test_chromium_reads_the_filtered_page(net_of: Start, browsers: Browsers, tmp_path: Path) -> None:
    net = network(net_of)
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    assert page.error == ""
    page.wait("document.querySelectorAll('#live li').length === 3", 20)
    text = page.text()
    assert "good morning" in text
    assert BAD not in page.html()
    assert all(f"{how}: " in text for how in ("xhr", "ws", "sse"))
    assert text.count("SafeGuard") == 4
    page.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert {r["response"].get("protocol") for r in page.events("Network.responseReceived") if r["type"] == "Document"} == {"h2"}


def test_chromium_shows_why_a_server_with_a_bad_certificate_is_refused(net_of: Start, browsers: Browsers) -> None:
    net = net_of({"/": Reply(PAGE)}, pki=Pki())
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    assert bad_server.UNKNOWN in page.text()
    assert not net.server.seen


def test_with_the_proxy_dead_chromium_does_not_go_round_it(net_of: Start, browsers: Browsers) -> None:
    net = net_of({"/": Reply(PAGE)})
    b = browsers.chromium(net, flags=(f"--host-resolver-rules=MAP {HOST} {LOOPBACK}",))
    assert net.proxy is not None
    net.proxy.stop()
    assert b.open(f"https://{HOST}:{net.server.port}/").error == "net::ERR_PROXY_CONNECTION_FAILED"
    assert not net.server.seen


def stolen(net: Net, tmp_path: Path, name: str) -> Server:
    """A server that shows a certificate for `name` signed with the stolen key of our authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    thief = type("Thief", (ca.Authority,), {"covers": lambda self, names: True})(
        net.authority.root, net.authority.intermediate, net.authority.key
    )
    leaf = thief.leaf(name, key, dt.datetime.now(dt.UTC))
    path = tmp_path / f"{name}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = [c.public_bytes(serialization.Encoding.PEM) for c in (leaf, net.authority.intermediate)]
    path.write_bytes(private + b"".join(chain))
    context = net.pki.context(tmp_path, [name], alpn=("http/1.1",))
    context.load_cert_chain(path)
    return Server(context, {"/": Reply(b"<p>stolen")})


@pytest.mark.parametrize(("name", "trusted"), [(HOST, True), ("bank.test", False)])
def test_a_stolen_key_forges_no_bank_for_chromium(net_of: Start, browsers: Browsers, tmp_path: Path, name: str, trusted: bool) -> None:
    net = net_of({})
    server = stolen(net, tmp_path, name)
    b = browsers.chromium(net, flags=(f"--host-resolver-rules=MAP * {LOOPBACK}", "--no-proxy-server"))
    error = b.open(f"https://{name}:{server.port}/").error
    assert (error == "") is trusted, error
    assert trusted or error.startswith("net::ERR_CERT")
    server.close()


@pytest.mark.parametrize(("name", "trusted"), [(HOST, True), ("bank.test", False)])
def test_a_stolen_key_forges_no_bank_for_curl(net_of: Start, tmp_path: Path, name: str, trusted: bool) -> None:
    need("curl")
    net = net_of({})
    server = stolen(net, tmp_path, name)
    root = tmp_path / "root.pem"
    root.write_bytes(net.authority.root_pem)
    where = ["--resolve", f"{name}:{server.port}:{LOOPBACK}", "--noproxy", "*", "--cacert", str(root)]
    done = subprocess.run(["curl", "-sS", *where, f"https://{name}:{server.port}/"], capture_output=True, text=True, timeout=30)
    assert (done.returncode == 0) is trusted, done.stderr
    assert trusted or "permitted subtree" in done.stderr
    server.close()


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_curl_speaks_both_versions(net_of: Start, tmp_path: Path, http: str) -> None:
    need("curl")
    net = net_of({"/": Reply(PAGE), "/big": Reply(b"<p>a</p>" * 100_000)}, h2=True)
    assert net.proxy is not None
    root = tmp_path / "root.pem"
    root.write_bytes(net.authority.root_pem)
    urls = [f"https://{HOST}:{net.server.port}/", f"https://{HOST}:{net.server.port}/big"]
    command = ["curl", "-sS", http, "-x", f"http://{net.proxy.address}", "--cacert", str(root), "-w", "%{http_version}", *urls]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert BAD not in done.stdout
    assert "good morning" in done.stdout
    assert done.stdout.count("<p>a</p>") == 100_000
    assert done.stdout.endswith("2" if http == "--http2" else "1.1")


REPORT = f"""<!doctype html><p>good morning</p><p>you {BAD}</p><script>
fetch("/report", {{method: "POST", body: document.body.innerText}});</script>""".encode()


def test_firefox_reads_the_filtered_page(net_of: Start, tmp_path: Path) -> None:
    need("firefox", "certutil")
    net = net_of({"/": Reply(REPORT), "/report": Reply(b"{}", "application/json")})
    assert net.proxy is not None
    pac = browser_pac.data_url([HOST], net.proxy.address)
    url = f"https://{HOST}:{net.server.port}/"
    shot = ("--headless", "--screenshot", str(tmp_path / "page.png"))
    launch = browser.prepare(browser.find("firefox"), tmp_path / "browser", net.authority.root_pem, pac, url, shot)
    env = {**launch.env, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"}
    subprocess.run(launch.command, env=env, capture_output=True, timeout=120, check=True)
    said = net.server.headers("/report")[":body"]
    assert "good morning" in said
    assert "SafeGuard" in said
    assert BAD not in said


def test_a_stolen_key_forges_no_bank_for_firefox(net_of: Start, tmp_path: Path) -> None:
    """One page, reached with the stolen key, asks for a watched name and for a bank, both signed with it."""
    need("firefox", "certutil")
    net = net_of({})
    servers = {name: stolen(net, tmp_path, name) for name in (f"www.{HOST}", "bank.test", HOST)}
    asked = [f"https://{name}:{server.port}/" for name, server in servers.items()]
    script = f"""<script>for (const url of {asked[:2]}) {{
      const ask = new XMLHttpRequest(); let said = "reached"; ask.open("GET", url, false);
      try {{ ask.send() }} catch (e) {{ said = "refused" }}
      const tell = new XMLHttpRequest(); tell.open("POST", "/" + said + "/" + new URL(url).hostname, false); tell.send("x") }}</script>"""
    for name, server in servers.items():
        body = script.encode() if name == HOST else b"stolen"
        server.routes["/"] = Reply(body, headers=(("Access-Control-Allow-Origin", "*"),))
    pac = "data:application/x-ns-proxy-autoconfig,function FindProxyForURL(){return 'DIRECT'}"
    shot = ("--headless", "--screenshot", str(tmp_path / "page.png"))
    launch = browser.prepare(browser.find("firefox"), tmp_path / "browser", net.authority.root_pem, pac, asked[2], shot)
    with (tmp_path / "browser" / "firefox" / "user.js").open("a") as f:
        f.write(f'user_pref("network.dns.forceResolve", "{LOOPBACK}");\n')
    subprocess.run(launch.command, env={**launch.env, "HOME": str(tmp_path)}, capture_output=True, timeout=120, check=True)
    told = [path for path, _ in servers[HOST].seen if path.count("/") == 2]
    for server in servers.values():
        server.close()
    assert told == [f"/reached/www.{HOST}", "/refused/bank.test"]
