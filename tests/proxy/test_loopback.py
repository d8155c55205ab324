"""Nobody reaches this computer's own services, or those of the home, through the proxy, however their address is written."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.pipeline import Pipeline
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import system_resolver, table_resolver
from tests.proxy.bad_servers import NOW
from tests.proxy.conftest import WordEngine
from tests.proxy.rig import HOST, LOOPBACK, Tunnel

FAMILY = ca.issue([HOST], NOW)
SECRET = b"the canary's secret"
SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "[::ffff:127.0.0.1]",
    "inside.test",
    "0177.0.0.1",
    "0x7f.1",
    "0",
    "[::]",
    "[::ffff:7f00:1]",
    "127.0.0.1.",
    "LocalHost.",
    "127.8.9.10",
    "127。0。0。1",
    "１２７.0.0.1",
    HOST,
]
"""inside.test and HOST, which is watched, are names whose address is 127.0.0.1."""
ELSEWHERE = ["10.0.0.1", "192.168.0.1", "172.16.5.5", "169.254.169.254", "[fe80::1]", "[fd00::1]", "100.64.0.1", "home.test"]


class Canary:
    """A service that listens on every address of this computer, as a printer's page or a database does."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with visitor:
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(SECRET), SECRET))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this computer has no IPv6")
    made = Canary()
    yield made
    made.close()


@pytest.fixture(scope="module")
def proxy() -> Iterator[master.Handle]:
    """With the resolver of the system, as in a family's home, and two names more."""
    pipeline = Pipeline(WordEngine(), Sites.of([SiteProfile("social", "Social", (HOST,))]), b"k" * 32, limit=2**20)
    names = {HOST: LOOPBACK, "inside.test": LOOPBACK, "home.test": "192.168.1.7"}
    made = master.start_in_thread(PipelineChecker(pipeline), FAMILY, resolver=table_resolver(names, system_resolver), first_request_s=5.0)
    yield made
    made.stop()


def said(proxy: int, *parts: bytes) -> bytes:
    """What the proxy answers to these, sent one after the other: the beginning of each answer, b"" where it hangs up."""
    with socket.create_connection((LOOPBACK, proxy), timeout=20) as s:
        out = b""
        for part in parts:
            try:
                s.sendall(part)
                out += s.recv(65536)
            except ConnectionError:
                break
        return out


def hello(name: str) -> bytes:
    """A browser's first bytes of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(coming, going, server_hostname=name or None).do_handshake()
    return going.read()


UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"


def connect(at: str) -> bytes:
    return f"CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n".encode()


def get(url: str, at: str, more: str = "Connection: close") -> bytes:
    return f"GET {url} HTTP/1.1\r\nHost: {at}\r\n{more}\r\n\r\n".encode()


WAYS: dict[str, Callable[[str], tuple[bytes, ...]]] = {
    "GET": lambda at: (get(f"http://{at}/", at),),
    "GET https": lambda at: (get(f"https://{at}/", at),),
    "GET of a path": lambda at: (get("/", at),),
    "POST": lambda at: (get(f"http://{at}/", at, "Content-Length: 3").replace(b"GET", b"POST", 1) + b"a=b",),
    "CONNECT, HTTP": lambda at: (connect(at), get("/", at)),
    "CONNECT, TLS": lambda at: (connect(at), hello("inside.test")),
    "CONNECT, TLS without a name": lambda at: (connect(at), hello("")),
    "CONNECT, other bytes": lambda at: (connect(at), b"\x00\x01 other bytes\r\n\r\n"),
    "WebSocket": lambda at: (get(f"http://{at}/", at, UPGRADE),),
    "WebSocket in a tunnel": lambda at: (connect(at), get("/", at, UPGRADE)),
    "GET under a public name": lambda at: (get(f"http://{at}/", "public.test"),),
}


def test_the_canary_sings(canary: Canary) -> None:
    """Else nothing below proves anything: most spellings do lead there."""
    for spelling in SPELLINGS[:8]:
        with socket.create_connection((spelling.strip("[]"), canary.port), 5) as s:
            assert SECRET in s.recv(1000)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_service_of_this_computer_gets_a_byte(proxy: master.Handle, canary: Canary, spelling: str, way: str) -> None:
    canary.connections = 0
    got = said(proxy.port, *WAYS[way](f"{spelling}:{canary.port}"))
    assert SECRET not in got
    assert canary.connections == 0


class Visits:
    """Counts the connections to the proxy, as an addon of mitmproxy."""

    count = 0

    def client_connected(self, client: object) -> None:
        self.count += 1


def test_the_proxy_does_not_visit_itself(proxy: master.Handle) -> None:
    visits = Visits()
    proxy._master.addons.add(visits)
    for spelling in SPELLINGS:
        for way in WAYS.values():
            visits.count = 0
            said(proxy.port, *way(f"{spelling}:{proxy.port}"))
            assert visits.count == 1, spelling


def test_a_watched_name_that_leads_home_is_our_page(proxy: master.Handle, canary: Canary) -> None:
    """A name that its owner lets point to this computer, opened up as a watched site."""
    with Tunnel(proxy.port, HOST, canary.port, FAMILY.root_pem) as t:
        got = t.get("/", Sec_Fetch_Dest="document")
    assert got.status == 502
    assert "only public ones are allowed" in got.text
    assert canary.connections == 0


@pytest.mark.parametrize("spelling", ELSEWHERE)
def test_nor_another_thing_in_the_home(proxy: master.Handle, spelling: str) -> None:
    got = said(proxy.port, get(f"http://{spelling}:80/", f"{spelling}:80"))
    assert b" 502 " in got.split(b"\r\n")[0]
    assert b"only public ones are allowed" in got
